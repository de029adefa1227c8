// The protocols of telephony, devices, industry, vehicles and exchanges: protocols_table.h describes the columns.
#pragma once

#include "protocols_table.h"

namespace weir_test {

inline const protocol protocols_of_devices[] = {
    // Telephony, audio, video, radio

    // SMPP 3.4, a sample PDU (bind_transmitter): printed.
    {"SMPP 3.4", "len32,counts=whole",
     "0000002f[000000020000000000000001534d50503354455354007365637265743038005355424d49543100"
     "00010100]"},
    // OsmoBSC, Abis over IP; libosmocore, ipa.c: implementation.
    {"GSM A-bis over IP (Osmocom)", "len16,after=1,header=after", "0001[fe00]0001[fe01]"},
    // Wireshark, packet-skinny.c; Asterisk, chan_skinny.c: implementation.
    {"Cisco SCCP (Skinny)", "len32le,after=4,header=keep", "040000000000000000000000|040000000000000000010000"},
    // Asterisk documentation, AMI, Ping: layout.
    {"Asterisk AMI", "delimited:\"\\r\\n\\r\\n\"",
     "[416374696f6e3a2050696e67]0d0a0d0a[526573706f6e73653a20537563636573730d0a50696e673a2050"
     "6f6e67]0d0a0d0a"},
    // Asterisk documentation, AudioSocket, protocol: layout.
    {"Asterisk AudioSocket", "len16,offset=1,header=keep", "01001000112233445566778899aabbccddeeff|000000"},
    // ITU-T V.250, 5.7.1 and 3GPP TS 27.007, 8.5: layout.
    {"Modem result codes", "delimited:\"\\r\\n\",start=\"\\r\\n\"", "0d0a[2b4353513a2031352c3939]0d0a0d0a[4f4b]0d0a"},
    // ANSI/SCTE 104, single_operation_message and init_request_data: layout.
    {"SCTE 104", "len16,offset=2,counts=whole,header=keep", "0001000dffffffff0000000000"},
    // Sony, VISCA Command List, CAM_Power: printed.
    {"VISCA cameras", "delimited:ff", "[8101040002]ff[9041]ff"},
    // PJLink Class 1, POWR: layout.
    {"PJLink projectors", "delimited:\"\\r\"", "[2531504f57522031]0d[2531504f57523d4f4b]0d"},
    // Denon, AVR control protocol, PW and MV: printed.
    {"Denon and Marantz receivers", "delimited:\"\\r\"", "[50574f4e]0d[4d563830]0d"},
    // Onkyo, Integra Serial Communication Protocol over Ethernet: layout.
    {"Onkyo receivers (eISCP)", "len32,magic=\"ISCP\",offset=8,after=4,header=keep",
     "49534350000000100000000a0100000021315057525153544e0d"},
    // Chromium, cast_channel.proto and cast_framer: layout.
    {"Chromecast (CASTV2)", "len32,max=65536",
     "00000054[0800120873656e6465722d301a0a72656365697665722d30222775726e3a782d636173743a636f"
     "6d2e676f6f676c652e636173742e74702e6865617274626561742800320f7b2274797065223a2250494e4722"
     "7d]"},
    // OpenSoundControl 1.0, OSC Packets: layout.
    {"OSC 1.0 over TCP", "len32", "00000008[2f6100002c000000]"},
    // Kenwood TS-480, PC Control Command Reference, FA: layout.
    {"Kenwood radios", "delimited:\";\"", "[46413030303037303030303030]3b"},
    // Icom IC-7300, Full Manual, 19, Remote control: layout.
    {"Icom CI-V", "delimited:fd,start=fefe", "fefe[94e003]fd"},
    // Chepponis and Karn, The KISS TNC, 1987; Wikipedia, KISS (amateur radio protocol): printed.
    {"KISS, AX.25", "delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "c000dbdcdbddc0", "00c0db"},
    // SV2AGW, AGWPE TCP/IP socket interface, 'R': layout.
    {"AGWPE", "len32le,offset=28,after=4,header=keep",
     "000000005200000000000000000000000000000000000000000000000000000000000000"},

    // Industry, energy, buildings, devices

    // Modbus Application Protocol V1.1b3, 6.3, and Messaging on TCP/IP V1.0b, 3.1.3: layout.
    {"Modbus TCP", "len16,offset=4,header=keep", "0001000000061103006b0003|000100000009110306022b00000064"},
    // Modbus over serial line V1.02, 2.5.1: layout.
    {"Modbus RTU", "idle:1750us,check=crc16-modbus", "[01030000000a]c5cd"},
    // Modbus over serial line V1.02, 2.5.2: layout.
    {"Modbus ASCII", "delimited:\"\\r\\n\",start=\":\"", "3a[3131303330303642303030333745]0d0a"},
    // RFC 1006, 6: layout; Settimino, ISO_CR and S7_PN: implementation.
    {"S7, MMS, H.323, RDP (TPKT)", "len16,magic=03,offset=2,counts=whole",
     "03000016[11e00000000100c0010ac1020100c2020102]03000019[02f08032010000040000080000f00000"
     "01000100f0]"},
    // ODVA, CIP Volume 2, Encapsulation Messages and RegisterSession: layout.
    {"EtherNet/IP", "len16le,offset=2,after=20,header=keep",
     "65000400000000000000000000000000000000000000000001000000"},
    // OPC 10000-6, 7.1.2: layout.
    {"OPC UA", "len32le,offset=4,counts=whole,header=keep",
     "48454c462b00000000000000000001000000010000000000000000000b0000006f70632e7463703a2f2f68|"
     "41434b461c0000000000000000000100000001000000000000000000"},
    // IEC 60870-5-104, APCI: layout.
    {"IEC 60870-5-104", "len8,magic=68", "6804[07000000]6804[0b000000]"},
    // Beckhoff Information System, AMS/TCP Header and AMS Header: layout.
    {"Beckhoff ADS", "len32le,magic=0000",
     "000020000000[c0a8010201015303c0a801010101898001000400000000000000000001000000]"},
    // Omron W421, FINS/TCP: layout; nmap, omron-info.nse: implementation.
    {"Omron FINS/TCP", "len32,magic=\"FINS\"", "46494e530000000c[000000000000000000000000]"},
    // Mitsubishi SH-080956ENG, SLMP Reference Manual, Read (0401): layout.
    {"Mitsubishi SLMP, MC 3E binary", "len16le,magic=5000,offset=7,header=keep",
     "500000ffff03000c00100001040000640000a80300"},
    // IEC 62056-47, wrapper: layout; pwitab, dlms-cosem, examples: implementation.
    {"DLMS/COSEM over TCP", "len16,magic=0001,offset=6,header=keep",
     "000100100001001f601da109060760857405080101be10040e01000000065f1f0400001e1dffff"},
    // IEC 62056-46, frame format type 3: layout; Gurux: implementation.
    {"DLMS/COSEM HDLC", "len16,magic=7e,mask=07ff,flags=a000,counts=field,check=crc16-x25,cover=1,trailer=7e",
     "7ea007[032193]0f017e7ea007[032153]03c77e"},
    // IEEE C37.118.2, command frame: layout.
    {"IEEE C37.118 synchrophasors",
     "len16,magic=aa,offset=2,counts=whole,header=keep,check=crc16-ccitt-false,cover=frame",
     "[aa41001200f100000000000000000002]a737"},
    // HCF_SPEC-085, Network Management; Wireshark, packet-hartip.c: implementation.
    {"HART-IP", "len16,magic=01,offset=6,counts=whole,header=keep", "010000000002000d0100007530|0100020000030008"},
    // KNX Standard 3/8/2, Core, CONNECTIONSTATE_REQUEST: layout.
    {"KNXnet/IP over TCP", "len16,magic=0610,offset=4,counts=whole,header=keep", "06100207001015000802000000000000"},
    // SEMI E37, message format: layout.
    {"SECS/GEM (HSMS)", "len32", "0000000a[ffff0000000100000001]0000000a[ffff0000000500000002]"},
    // IEEE 488.2, *IDN?, and SCPI 1999: layout.
    {"SCPI instruments", "lines", "[2a49444e3f]0a"},
    // IVI-6.1, message header and Initialize: layout.
    {"HiSLIP", "len64,magic=\"HS\",offset=8,header=keep", "485300000100787800000000000000076869736c697030"},
    // Mettler-Toledo, MT-SICS Reference Manual, S and SI: layout.
    {"MT-SICS balances", "lines:crlf", "[5349]0d0a[53205320202020203130302e30302067]0d0a"},
    // SIA OSDP 2.2, packet format and osdp_POLL: layout.
    {"OSDP card readers", "len16le,magic=53,offset=2,counts=whole,header=keep", "530008000460ebaa"},
    // DICOM PS3.8, 9.3.6 and 9.3.7: layout.
    {"DICOM", "len32,offset=2,header=keep", "05000000000400000000|06000000000400000000"},
    // HL7, MLLP Transport Specification, Release 1: layout.
    {"HL7 MLLP", "delimited:1c0d,start=0b", "0b[4d53487c5e7e5c26]1c0d"},
    // Digi, XBee RF modules user guide, Frame examples: printed.
    {"XBee, API mode 1", "len16,magic=7e,after=1,header=keep", "7e000408524e4a0d"},
    // TI, Z-Stack Monitor and Test API, SYS_PING: layout; answers of coordinators: implementation.
    {"TI Z-Stack (ZNP)", "len8,magic=fe,after=2,counts=payload,header=after,check=xor8,cover=1",
     "fe00[2101]20fe02[61015906]3d"},
    // Silicon Labs UG101, frame formats: printed.
    {"EmberZNet (EZSP-ASH)",
     "delimited:7e/1a,escape=7d5e:7e/7d5d:7d/7d31:11/7d33:13/7d38:18/7d3a:1a,empty=skip,check=crc16-ccitt-false",
     "[c10202]9b7b7e[81]60597e"},
    // RFXtrx User Guide, Interface Control: layout.
    {"RFXCOM", "len8", "0d[00000000000000000000000000]"},
    // Bluetooth Core, Volume 4, Part D, Three-wire UART Transport Layer: layout.
    {"Bluetooth three-wire UART", "delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "c0[002f00d0017e]c0"},
    // esptool documentation, Serial Protocol: layout.
    {"esptool, ESP32 boot ROM", "delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip",
     "c0[000824000000000007071220555555555555555555555555555555555555555555555555555555555555"
     "5555]c0"},
    // Atmel AVR068, message format and CMD_SIGN_ON: layout.
    {"STK500v2 (avrdude)", "len16,magic=1b,offset=2,after=1,counts=payload,header=keep,check=xor8,cover=frame",
     "[1b0100010e01]14"},
    // RepRap wiki, G-code, M105: printed.
    {"G-code printers (Marlin)", "lines", "[4d313035]0a[6f6b20543a32303120423a313137]0a"},
    // ROBOTIS e-Manual, Protocol 1.0, Ping: printed.
    {"Dynamixel 1.0", "len8,magic=ffff,offset=3,header=keep", "ffff010201fb"},
    // ROBOTIS e-Manual, Protocol 2.0, Ping: printed.
    {"Dynamixel 2.0", "len16le,magic=fffffd00,offset=5,header=keep", "fffffd0001030001194e"},
    // Nextion, Instruction Set, Format of Device Return Data: printed.
    {"Nextion displays", "delimited:ffffff", "[65000101]ffffff[88]ffffff"},
    // Plantower PMS5003 data manual, Appendix I and II: layout; drivers: implementation.
    {"Plantower PMS5003", "len16,magic=424d,check=sum16,cover=frame", "424d0004[e100]0174"},
    // Winsen MH-Z19B manual, 0x86: printed.
    {"MH-Z19 CO2 sensors", "fixed:9", "ff0186000000000079"},
    // python-kasa, xortransport.py: implementation.
    {"TP-Link Kasa", "len32", "0000001d[d0f281f88bff9af7d5ef94b6d1b4c09fec95e68fe187e8caf08bf68bf6]"},

    // Vehicles and positioning

    // NMEA 0183 (gpsd, NMEA Revealed): layout.
    {"NMEA 0183", "delimited:\"\\r\\n\",start=\"$\"", "24[4750474c4c2c2a3333]0d0a"},
    // gpsd, AIVDM/AIVDO protocol decoding: printed.
    {"AIS", "delimited:\"\\r\\n\",start=\"!\"",
     "21[414956444d2c312c312c2c422c3137374b514a35303030473f744f604b3e5241317755624e30544b482c"
     "302a3543]0d0a"},
    // u-blox, Interface Description, UBX Frame Structure: layout.
    {"u-blox UBX", "len16le,magic=b562,offset=4,counts=payload,header=keep,check=fletcher8,cover=2",
     "[b5620a040000]0e34[b562050102000601]0f38"},
    // RTCM 10403.1, example of message 1005: printed.
    {"RTCM 3", "len16,magic=d3,mask=03ff,after=3,header=keep", "d300133ed7d30202980edeef34b4bd62ac0941986f33360b98"},
    // Septentrio, SBF Reference Guide, block header and EndOfPVT (5921): layout.
    {"Septentrio SBF", "len16le,magic=2440,offset=6,counts=whole,header=keep", "24402d3e21171000ffffffffffff0000"},
    // SiRF Binary Protocol Reference Manual, Message ID 132: printed.
    {"SiRF binary", "len16,magic=a0a2,mask=7fff,after=2,header=keep,trailer=b0b3", "[a0a2000284000084]b0b3"},
    // mavlink.io, Packet Serialization, MAVLink 1, and common.xml: layout.
    {"MAVLink 1", "len8,magic=fe,after=6,header=keep", "fe0900ffbe000000000006080004034921"},
    // Betaflight, MSP protocol; MultiWii Serial Protocol: layout.
    {"MultiWii (MSP 1)", "len8,magic=\"$M<\",after=1,counts=payload,header=after,check=xor8,cover=3", "244d3c00[01]01"},
    // Garmin 560-1058-00, GDL 90 Data Interface Specification, 2.2.4: printed.
    {"GDL 90", "delimited:7e,start=7e,escape=7d5e:7e/7d5d:7d,empty=skip", "7e[008141dbd00802b38b]7e"},
    // dump1090, port 30002; Sun, The 1090MHz Riddle, 2: printed.
    {"Mode S, AVR format", "delimited:\";\\n\",start=\"*\"",
     "2a[38443438343044363230324343333731433332434530353736303938]3b0a"},
    // Croatia Control, asterix, cat048.raw: implementation; EUROCONTROL-SPEC-0149, Part 1: layout.
    {"ASTERIX over TCP", "len16,offset=1,counts=whole,header=keep",
     "300030fdf70219c9356d4da0c5aff1e0020005283c660c10c236d4182001c0780031bc0000400deb07b9582e"
     "410020f5"},
    // JT/T 808-2019, 4.4.2: printed; with its check byte.
    {"JT/T 808", "delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8", "7e307d02087d01556e7e", "307e087d55"},
    // GT06 GPS Tracker Communication Protocol, login message: printed.
    {"GT06, Concox", "len8,magic=7878,check=crc16-x25,order=big,cover=2,trailer=0d0a",
     "78780d[0101234567890123450001]8cdd0d0a787805[010001]d9dc0d0a"},
    // Teltonika wiki, Data Sending Protocols, Codec 8, example 1: printed.
    {"Teltonika Codec 8", "len32,magic=00000000,after=4,header=keep",
     "000000000000003608010000016b40d8ea30010000000000000000000000000000000105021503010101425e"
     "0f01f10000601a014e0000000000000000010000c7cf"},
    // TK103 GPRS protocol document, BP05: printed.
    {"TK103", "delimited:\")\",start=\"(\"",
     "28[303133363132333435363738425030353030303031333631323334353637383038303532344132323332"
     "2e393830364e31313430342e39333535453030302e313130313234313332332e383730303030303030304c30"
     "30303435304143]2928[30313336313233343536373841503035]29"},
    // Traccar, Gps103ProtocolDecoderTest: implementation.
    {"Coban GPS103", "delimited:\";\"", "[23232c696d65693a3335393538363031353832393830322c41]3b"},
    // Queclink, @Track Air Interface Protocol, +ACK:GTHBD: printed.
    {"Queclink", "delimited:\"$\"",
     "[2b41434b3a47544842442c3141303430312c3133353739303234363831313232302c2c3230313030323134"
     "3039333235342c31314630]24"},
    // Ruptela protocol; Traccar, RuptelaProtocolDecoder: implementation.
    {"Ruptela", "len16,counts=payload,check=crc16-kermit,order=big", "0002[6401]13bc"},
    // Gurtam, Wialon IPS 1.1, L: layout.
    {"Wialon IPS", "lines:crlf", "[234c233335333435313034323038353436373b4e41]0d0a[23414c2331]0d0a"},
    // ISO 13400-2, generic header and alive check: layout.
    {"DoIP", "len32,magic=02fd,offset=4,header=keep", "02fd000700000000|02fd0008000000020e00"},
    // AUTOSAR PRS_SOMEIPProtocol, Magic Cookies: printed.
    {"SOME/IP", "len32,offset=4,header=keep", "ffff000000000008deadbeef01010100|ffff800000000008deadbeef01010200"},
    // AUTOSAR PRS_LogAndTraceProtocol, standard header and non-verbose mode: layout.
    {"AUTOSAR DLT", "len16,offset=2,counts=whole,header=keep", "2000000801000000"},
    // ASAM XCP, Parts 2 and 3, CONNECT, DISCONNECT and XCP on Ethernet: layout.
    {"XCP on TCP", "len16le,after=2,header=keep", "02000000ff00|01000100fe"},
    // ISO 15118-2, V2GTP: layout; charging stations: implementation.
    {"ISO 15118 (V2GTP)", "len32,magic=01fe,offset=4,header=keep", "01fe80010000000480400040"},
    // LAWICEL, CANUSB manual, tiiildd: printed.
    {"CAN over serial (SLCAN)", "delimited:\"\\r\"/07", "[743130303231313333]0d[7a]0d"},
    // socketcand, doc/protocol.md: printed.
    {"socketcand", "delimited:\">\",start=\"<\"", "3c[20686920]3e3c[206f70656e2063616e3020]3e3c[206f6b20]3e"},
    // ELM327 data sheet, Talking to the Vehicle: layout.
    {"ELM327", "delimited:\">\"", "[3431203035203742200d0d]3e"},

    // Finance

    // jPOS, ASCIIChannel, and ISO 8583:1987: layout.
    {"ISO 8583, four digits (jPOS ASCIIChannel)", "dec4", "30303234[303830302020000000000000393930303030303030303031]"},
    // Nasdaq, SoupBinTCP 4.00, heartbeat packets: layout.
    {"Nasdaq SoupBinTCP", "len16", "0001[52]0001[48]"},
    // Interactive Brokers, ibapi, comm.py and client.py: implementation.
    {"Interactive Brokers TWS", "len32", "00000008[3731003200300000]"},
};

}  // namespace weir_test
