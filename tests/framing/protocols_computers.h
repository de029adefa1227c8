// The protocols of the Internet, of servers and of tools: protocols_table.h describes the columns.
#pragma once

#include "protocols_table.h"

namespace weir_test {

inline const protocol protocols_of_computers[] = {
    // The Internet

    // RFC 1035, 4.1 and 4.2.2: layout.
    {"DNS over TCP", "len16,max=65535", "0011[abcd010000010000000000000000020001]"},
    // RFC 8446, 5.1, 6.1 and D.4: layout.
    {"TLS records", "len16,offset=3,header=keep", "140303000101|15030300020100"},
    // RFC 9113, 4.1, 6.5, 6.9: layout.
    {"HTTP/2", "len24,after=6,header=keep", "000000040000000000|00000408000000000000000001"},
    // RFC 5321, D.1: printed.
    {"SMTP", "lines:crlf", "[45484c4f206261722e636f6d]0d0a"},
    // RFC 1939, 5: printed.
    {"POP3", "lines:crlf", "[53544154]0d0a[2b4f4b203220333230]0d0a"},
    // RFC 959, 4.1.1 and 4.2.1: printed.
    {"FTP control", "lines:crlf",
     "[51554954]0d0a[323231205365727669636520636c6f73696e6720636f6e74726f6c20636f6e6e65637469"
     "6f6e2e]0d0a"},
    // RFC 3977, 6.1.1.3: printed.
    {"NNTP", "lines:crlf",
     "[47524f5550206d6973632e74657374]0d0a[32313120313233342033303030323334203330303233323220"
     "6d6973632e74657374]0d0a"},
    // RFC 1459, 2.3, 4.6.2 and 4.6.3: printed.
    {"IRC", "lines:crlf,max=510",
     "[50494e4720746f6c73756e2e6f756c752e6669]0d0a[504f4e47206373642e62752e65647520746f6c7375"
     "6e2e6f756c752e6669]0d0a"},
    // RFC 1413, Query/Response Format: layout.
    {"ident", "lines:crlf",
     "[363139332c203233]0d0a[363139332c203233203a20555345524944203a20554e4958203a2073746a6f68"
     "6e73]0d0a"},
    // RFC 3912, 3: printed.
    {"whois, finger, gopher", "lines:crlf", "[536d697468]0d0a"},
    // RFC 6587, 3.4.1 and RFC 5424, 6: layout.
    {"syslog, octet counting", "digits:\" \"", "313720[3c33343e31202d202d202d202d202d202d]"},
    // RFC 6587, 3.4.2 and RFC 5424, 6: layout.
    {"syslog, lines", "lines", "[3c33343e31202d202d202d202d202d202d]0a"},
    // RFC 4511, 4.2 and 5.1: layout.
    {"LDAP", "ber,magic=30,header=keep", "300c020101600702010304008000|300c02010161070a010004000400"},
    // RFC 3430, 2.1, RFC 1901, 3 and RFC 3416, 3: layout.
    {"SNMP over TCP", "ber,magic=30,header=keep",
     "302602010104067075626c6963a019020101020100020100300e300c06082b060102010101000500"},
    // RFC 4120, 5.9.1 and 7.2.2: layout.
    {"Kerberos over TCP", "len32,mask=7fffffff",
     "00000048[7e463044a003020105a10302011ea411180f32303236303130313030303030305aa503020100a6"
     "0302013da9031b0145aa163014a003020102a10d300b1b066b72627467741b0145]"},
    // RFC 2865, 7.1: printed; RFC 6613: the same over TCP.
    {"RADIUS over TCP", "len16,offset=2,counts=whole,header=keep,max=4096",
     "0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103"},
    // RFC 6733, 3, 4.1 and 5.5.1: layout.
    {"Diameter", "len24,magic=01,counts=whole,header=keep",
     "0100002c80000118000000000000000100000001000001084000000b632e6500000001284000000965000000"},
    // RFC 8907, 4.1, 5.1 and 5.2: layout.
    {"TACACS+", "len32,offset=8,header=keep",
     "c001010100000001000000080100010100000000|c00102010000000100000006040000000000"},
    // RFC 4271, 4.1 and RFC 2918, 3: layout.
    {"BGP", "len16,magic=ffffffffffffffffffffffffffffffff,counts=whole",
     "ffffffffffffffffffffffffffffffff0013[04]ffffffffffffffffffffffffffffffff0017[0500010001]"},
    // RFC 7854, 4.1, 4.3, 4.4 and 4.5: layout.
    {"BMP", "len32,magic=03,counts=whole", "0300000011[040001000172000200027231]030000000c[05000100020000]"},
    // RFC 8210, 5.4 and 5.5: layout.
    {"RPKI to router", "len32,offset=4,counts=whole,header=keep", "0102000000000008|0103000100000008"},
    // RFC 5440, 6.1 to 6.3, 7.2 and 7.3: layout.
    {"PCEP", "len16,offset=2,counts=whole,header=keep", "2001000c01100008201e7801|20020004"},
    // RFC 5036, 3.1 and 3.5.4: layout.
    {"LDP", "len16,magic=0001", "0001000e[0101010100000201000400000001]"},
    // RFC 3618, 12: layout.
    {"MSDP", "len16,offset=1,counts=whole,header=keep,max=9192", "040003|01001401c000020100000020e8010101c0000202"},
    // RFC 8489, 5: layout.
    {"STUN over TCP", "len16,offset=2,after=16,header=keep", "000100002112a442b7e7a701bc34d686fa87dfae"},
    // RFC 4571, 2 and RFC 3550, 5.1: layout.
    {"RTP over TCP", "len16", "000d[80000001000000a000000001ff]"},
    // RFC 7826, 14: layout.
    {"RTSP, interleaved", "len16,magic=24,offset=2,header=keep", "2400000d80000001000000a000000001ff"},
    // RFC 5734, 4 and RFC 5730, 2.3: layout.
    {"EPP", "len32,counts=whole",
     "0000003e[3c65707020786d6c6e733d2275726e3a696574663a706172616d733a786d6c3a6e733a6570702d"
     "312e30223e3c68656c6c6f2f3e3c2f6570703e]"},
    // RFC 6242, 4.3 and RFC 6241, 7.8: layout.
    {"NETCONF 1.0", "delimited:\"]]>]]>\"",
     "[3c727063206d6573736167652d69643d22312220786d6c6e733d2275726e3a696574663a706172616d733a"
     "786d6c3a6e733a6e6574636f6e663a626173653a312e30223e3c636c6f73652d73657373696f6e2f3e3c2f72"
     "70633e]5d5d3e5d5d3e"},
    // OpenFlow Switch Specification 1.3.5, 7.1, 7.5.1 and 7.5.2: layout.
    {"OpenFlow", "len16,offset=2,counts=whole,header=keep", "04000010000000010001000800000010|0402000800000002"},
    // RFC 7011, 3.1 and 3.4.1: layout.
    {"IPFIX", "len16,magic=000a,counts=whole", "000a0020[000000000000000000000001000200100100000200080004000c0004]"},
    // RFC 8915, 4.1: layout.
    {"NTS key establishment", "len16,offset=2,header=keep", "800100020000|80040002000f|80000000"},
    // RFC 8855, 5.1 and 5.2.3: layout.
    {"BFCP over TCP", "len16,offset=2,after=8,times=4,header=keep",
     "200b00000000000100010001|20020001000000010002000107040001"},
    // HAProxy, proxy-protocol.txt, 2.2: layout.
    {"PROXY protocol 2", "len16,magic=0d0a0d0a000d0a515549540a,offset=14,header=keep",
     "0d0a0d0a000d0a515549540a2111000cc0000201c0000202d4310050"},
    // RFC 1002, 4.3: layout.
    {"NetBIOS session service", "len24,offset=1,mask=01ffff,header=keep", "82000000|85000000"},
    // MS-SMB2, 2.1, 2.2.1.2 and 2.2.28: layout.
    {"SMB 2 and 3 over TCP", "len24,magic=00,max=16777215",
     "00000044[fe534d4240000000000000000d0001000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000004000000]"},
    // OpenVPN, network protocol documentation and ssl_pkt.h: implementation.
    {"OpenVPN over TCP", "len16", "000e[3801020304050607080000000000]"},
    // RFC 2637, 2.5: layout.
    {"PPTP control", "len16,counts=whole", "0010[00011a2b3c4d0005000000000001]"},
    // MS-SSTP, SSTP Control Packet and Echo Request Message: layout.
    {"SSTP", "len16,magic=10,offset=2,mask=0fff,counts=whole,header=keep", "1001000800080000"},
    // RFC 1055: layout.
    {"SLIP (RFC 1055)", "delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip", "c001dbdcdbdd02c0", "01c0db02"},
    // RFC 1662, 3, 4 and C.2, RFC 1332, 3.3: layout.
    {"PPP in HDLC-like framing", "delimited:7e,start=7e,escape=7d5e:7e/7d5d:7d,empty=skip,check=crc16-x25",
     "7e[ff0380210101000a030600000000]13287e"},
    // BEP 3, peer messages: layout.
    {"BitTorrent", "len32", "00000000[]00000001[02]"},
    // Bitcoin wiki, Protocol documentation, verack: printed.
    {"Bitcoin", "len32le,magic=f9beb4d9,offset=16,after=4,header=keep,max=4000024",
     "f9beb4d976657261636b000000000000000000005df6e0e2"},
    // Monero source, levin_base.h, p2p_protocol_defs.h and portable_storage_base.h: layout.
    {"Monero", "len64le,magic=0121010101010101,after=17,header=keep",
     "01210101010101010a0000000000000001eb03000000000000010000000100000001110101010102010100"},
    // Slush Pool, Stratum mining protocol, mining.subscribe: printed.
    {"Stratum, Electrum", "lines",
     "[7b226964223a20312c20226d6574686f64223a20226d696e696e672e737562736372696265222c20227061"
     "72616d73223a205b5d7d]0a"},
    // multistream-select 1.0.0, wire format: layout.
    {"libp2p, multistream-select", "varint", "13[2f6d756c746973747265616d2f312e302e300a]03[6e610a]"},
    // minecraft.wiki, Java Edition protocol, Packets: layout.
    {"Minecraft", "varint,max=2097151", "01[00]09[010000000000000001]"},
    // Valve Developer Wiki, Source RCON Protocol, Basic Packet Structure: layout.
    {"Source RCON", "len32le", "11000000[0000000003000000706173737772640000]"},
    // Mumble protocol, Protocol stack (TCP), and Mumble.proto: layout.
    {"Mumble", "len32,offset=2,header=keep,max=8MiB", "000300000000|0003000000020801"},
    // TeamSpeak 3 ServerQuery Manual, and servers: printed.
    {"TeamSpeak ServerQuery", "delimited:\"\\n\\r\"", "[545333]0a0d[6572726f722069643d30206d73673d6f6b]0a0d"},

    // Databases, queues, monitoring

    // PostgreSQL documentation, Message Formats: layout.
    {"PostgreSQL v3", "len32,offset=1,counts=field,header=keep", "510000000d53454c454354203100|5800000004"},
    // MySQL Internals, OK_Packet and COM_QUIT: printed.
    {"MySQL, MariaDB", "len24le,after=1,header=keep,max=16777219", "0700000200000002000000|0100000001"},
    // MySQL documentation, X Protocol, Messages, and mysqlx.proto: layout.
    {"MySQL X Protocol", "len32le", "01000000[01]"},
    // MS-TDS, 4.1: printed.
    {"SQL Server (TDS)", "len16,offset=2,counts=whole,header=keep",
     "1201002f0000010000001a00060100200001020021000103002200040400260001ff0900000000000100b80d"
     "000001"},
    // Wireshark, packet-tns.c, and nmap, tns.lua: implementation.
    {"Oracle Net (TNS)", "len16,counts=whole", "0008[00000b000000]"},
    // DRDA, Volume 3, DSS and RDBCMM (200e): layout.
    {"DB2 (DRDA)", "len16,counts=whole,max=32767", "000a[d00100010004200e]"},
    // MongoDB Wire Protocol, OP_MSG, and bsonspec.org 1.1: layout.
    {"MongoDB", "len32le,counts=whole,max=48000000",
     "33000000[0100000000000000dd07000000000000001e0000001070696e6700010000000224646200060000"
     "0061646d696e0000]"},
    // Cassandra, native_protocol_v4.spec, 2 and 4: layout.
    {"Cassandra CQL v4", "len32,offset=5,header=keep,max=256MiB", "040000000500000000|840000000200000000"},
    // Redis serialization protocol specification, Inline commands: printed.
    {"Redis inline commands", "lines:crlf", "[50494e47]0d0a"},
    // memcached, BinaryProtocolRevamped, Get: printed.
    {"memcached binary protocol", "len32,offset=8,after=12,header=keep",
     "80000005000000000000000500000000000000000000000048656c6c6f"},
    // Riak KV documentation, Protocol Buffers, Ping: printed.
    {"Riak", "len32", "00000001[01]00000001[02]"},
    // Ignite documentation, Binary Client Protocol, Handshake: layout.
    {"Apache Ignite thin client", "len32le", "08000000[0101000000000002]"},
    // code.kx.com, Serialization examples: printed.
    {"kdb+", "len32le,magic=01,offset=4,counts=whole,header=keep", "010000000d000000fa01000000"},
    // Kafka protocol guide, Protocol Primitive Types and Request Header v1: layout.
    {"Kafka", "len32", "0000000b[0012000000000001000177]"},
    // ZooKeeper source, ClientCnxn.java and zookeeper.jute: implementation.
    {"ZooKeeper", "len32", "00000008[fffffffe0000000b]"},
    // AMQP 0-9-1, 2.3.5 and Heartbeat Frames: layout.
    {"AMQP 0-9-1", "len32,offset=3,header=keep,trailer=ce", "[08000000000000]ce[08000000000000]ce"},
    // OASIS AMQP 1.0, Part 2, 2.3 and 2.4.5: layout.
    {"AMQP 1.0", "len32,counts=whole", "00000008[02000000]"},
    // MQTT 3.1.1, 2.2, 3.3 and 3.12: layout.
    {"MQTT 3.1.1", "varint,offset=1,header=keep,max=268435455", "30050001616869|c000"},
    // STOMP 1.2, BEGIN: printed.
    {"STOMP 1.2", "delimited:00", "[424547494e0a7472616e73616374696f6e3a7478310a0a]00"},
    // NSQ, TCP Protocol Spec, Data Format: layout.
    {"NSQ, to the client", "len32", "00000006[000000004f4b]0000000f[000000005f6865617274626561745f]"},
    // Pulsar documentation, Binary protocol, Framing, and PulsarApi.proto: layout.
    {"Apache Pulsar", "len32,max=5253120", "00000009[000000050812920100]00000009[0000000508139a0100]"},
    // RabbitMQ, rabbitmq_stream/docs/PROTOCOL.adoc, Heartbeat: layout.
    {"RabbitMQ streams", "len32", "00000004[00170001]"},
    // Gearman, PROTOCOL, Examples: printed.
    {"Gearman", "len32,offset=8,header=keep",
     "00524551000000070000000d72657665727365000074657374|005245530000000800000007483a6c61703a"
     "31"},
    // nanomsg, sp-tcp-mapping-01, 3: layout.
    {"nanomsg, NNG", "len64", "0000000000000005[68656c6c6f]"},
    // Zabbix manual, Header and data length: layout.
    {"Zabbix", "len32le,magic=5a42584401,after=4",
     "5a425844010a00000000000000[6167656e742e70696e67]5a425844010100000000000000[31]"},
    // StatsD, README and docs/metric_types.md: printed.
    {"StatsD over TCP", "lines", "[676f726574733a317c63]0a"},
    // Graphite documentation, Feeding In Your Data, The plaintext protocol: layout.
    {"Carbon, plain text", "lines", "[6c6f63616c2e72616e646f6d2e64696365726f6c6c20342031343035363130303732]0a"},
    // Graphite documentation, The pickle protocol; Python's pickle.dumps(..., protocol=2): implementation.
    {"Carbon, pickle", "len32", "00000019[80025d710058010000006171014b014b02867102867103612e]"},
    // InfluxDB documentation, Line protocol tutorial: printed.
    {"InfluxDB line protocol", "lines",
     "[776561746865722c6c6f636174696f6e3d75732d6d6964776573742074656d70657261747572653d383220"
     "31343635383339383330313030343030323030]0a"},
    // Graylog documentation, GELF via TCP: layout.
    {"GELF over TCP", "delimited:00",
     "[7b2276657273696f6e223a22312e31222c22686f7374223a2268222c2273686f72745f6d65737361676522"
     "3a226d227d]00"},
    // RFC 9271, GET: printed.
    {"NUT (upsd)", "lines",
     "[47455420564152207375373030207570732e737461747573]0a[564152207375373030207570732e737461"
     "74757320224f42204c4222]0a"},
    // apcupsd manual, NIS Network Server Protocol: layout.
    {"apcupsd NIS", "len16", "0006[737461747573]0000[]"},

    // Remote calls, tools, local sockets

    // protobuf.dev, Encoding, and MessageLite.writeDelimitedTo: layout.
    {"protobuf, delimited", "varint", "03[089601]"},
    // gRPC, PROTOCOL-HTTP2.md, Length-Prefixed-Message: layout.
    {"gRPC messages", "len32,offset=1,header=keep", "00000000070a05776f726c64"},
    // Apache Thrift, thrift-rpc.md and thrift-binary-protocol.md: layout.
    {"Thrift, framed", "len32", "00000011[800100010000000470696e670000000000]"},
    // RFC 5531, 9 and 11, RFC 1813, 3.3.0: layout.
    {"ONC RPC, NFS", "len32,mask=7fffffff,flags=80000000",
     "80000028[000000010000000000000002000186a30000000300000000000000000000000000000000000000"
     "00]"},
    // CORBA 3.3, Part 2, GIOP Message Header: layout.
    {"CORBA (GIOP)", "len32,magic=47494f50010200,offset=8,header=keep",
     "47494f500102000500000000|47494f500102000600000000"},
    // C706, 12.6.3.1 and 12.6.4.9: layout.
    {"DCE/RPC", "len16le,magic=0500,offset=8,counts=whole,header=keep",
     "050000031000000018000000010000000000000000000000"},
    // Erlang, Distribution Protocol, Protocol between Connected Nodes: layout.
    {"Erlang distribution", "len32", "00000000[]00000000[]"},
    // Erlang, Distribution Protocol, EPMD Protocol: layout.
    {"Erlang port mapper (epmd)", "len16", "0001[6e]"},
    // Java Debug Wire Protocol, JDWP Packets: layout.
    {"Java debugger (JDWP)", "len32,counts=whole", "0000000b[00000001000101]"},
    // DBGp specification, Debugger Engine to IDE Communications: layout.
    {"Xdebug (DBGp), to the editor", "digits:00,trailer=00", "3800[3c696e6974202f3e]00"},
    // DBGp specification, IDE to Debugger Engine Communications: layout.
    {"Xdebug (DBGp), from the editor", "delimited:00", "[72756e202d692031]00"},
    // SLIME, swank-rpc.lisp, write-message and :ping: implementation.
    {"SLIME, SWANK", "hex6", "303030303062[283a70696e672031203129]"},
    // Firefox source documentation, Marionette, Debugging; geckodriver: implementation.
    {"Firefox Marionette, devtools", "digits:\":\"",
     "35303a[7b226170706c69636174696f6e54797065223a226765636b6f222c226d6172696f6e657474655072"
     "6f746f636f6c223a337d]"},
    // Chrome for Developers, Native messaging protocol: layout.
    {"Chrome native messaging", "len32le", "10000000[7b2274657874223a2268656c6c6f227d]"},
    // QEMU, QMP Specification, Capabilities Negotiation: printed.
    {"QEMU (QMP), JSON lines", "lines", "[7b202265786563757465223a2022716d705f6361706162696c697469657322207d]0a"},
    // varlink.org, Method Call: layout.
    {"varlink", "delimited:00", "[7b226d6574686f64223a226f72672e7661726c696e6b2e736572766963652e476574496e666f227d]00"},
    // Language Server Protocol 3.17, Base Protocol and exit: layout.
    {"LSP, Debug Adapter Protocol", "header:Content-Length",
     "436f6e74656e742d4c656e6774683a2033330d0a0d0a[7b226a736f6e727063223a22322e30222c226d6574"
     "686f64223a2265786974227d]"},
    // gitprotocol-common(5), pkt-line Format: printed.
    {"git pkt-line", "hex4,counts=whole,short=empty,header=keep", "30303036610a|30303030"},
    // rsync source, io.c (MPLEX_BASE): implementation.
    {"rsync, multiplexed", "len24le,after=1,header=after", "030000[07616263]"},
    // D. J. Bernstein, Netstrings, 1997: printed.
    {"SCGI, QMQP, Postfix socketmap", "netstring", "31323a[68656c6c6f20776f726c6421]2c303a[]2c"},
    // uWSGI documentation, The uwsgi Protocol: layout.
    {"uwsgi", "len16le,offset=1,after=1,header=keep", "001500000e00524551554553545f4d4554484f440300474554"},
    // Apache Tomcat Connectors, AJPv1.3, Packet Headers and CPing: layout.
    {"AJP 1.3, to the container", "len16,magic=1234", "12340001[0a]"},
    // Docker Engine API, Attach to a container, Stream format: layout.
    {"Docker attach and logs", "len32,offset=4,header=keep", "010000000000000368690a"},
    // draft-miller-ssh-agent, Requesting a list of keys: layout; the limit of OpenSSH.
    {"SSH agent", "len32,max=262144", "00000001[0b]00000005[0c00000000]"},
    // draft-ietf-secsh-filexfer-02, 3 and 4: layout.
    {"SFTP", "len32", "00000005[0100000003]00000005[0200000003]"},
    // Android, adb protocol.txt; adb: implementation.
    {"Android adb, to the device", "len32le,offset=12,after=8,header=keep",
     "434e584e00000001001000000700000032020000bcb1a7b1686f73743a3a00"},
    // Android, adb OVERVIEW.TXT, Client <-> Server protocol: layout.
    {"Android adb, to the server", "hex4", "30303063[686f73743a76657273696f6e]"},
    // X Window System Protocol, 1 and Appendix B: layout.
    {"X11 requests", "len16le,offset=2,counts=whole,times=4,header=keep", "7f000100|2b000100"},
    // The Wayland Protocol, 4.2 Wire Format: layout.
    {"Wayland", "len16le,offset=6,counts=whole,header=keep", "0100000000000c0002000000|0100000001000c0003000000"},
    // sway-ipc(7): printed; i3, IPC interface.
    {"i3 and Sway", "len32le,magic=\"i3-ipc\",after=4,header=after", "69332d69706304000000[0000000065786974]"},
    // libvirt, RPC infrastructure, and virkeepaliveprotocol.x: layout.
    {"libvirt", "len32,counts=whole,max=32MiB", "0000001c[6b6565700000000100000001000000020000000000000000]"},
    // QEMU, Vhost-user Protocol, Message Specification: layout.
    {"vhost-user", "len32le,offset=8,header=keep", "010000000100000000000000"},
    // Plan 9 Manual, intro(5) and version(5): layout.
    {"9P2000", "len32le,counts=whole", "13000000[64ffff002000000600395032303030]"},
    // clamd(8), COMMANDS: layout.
    {"ClamAV, commands", "delimited:00", "[7a50494e47]00"},
    // milter-protocol.txt, SMFIC_OPTNEG: layout.
    {"milter", "len32", "0000000d[4f000000020000003f0000007f]"},
    // Postfix, SMTPD_POLICY_README, Policy client/server: layout.
    {"Postfix policy delegation", "delimited:\"\\n\\n\"",
     "[726571756573743d736d7470645f6163636573735f706f6c6963790a70726f746f636f6c5f73746174653d"
     "52435054]0a0a[616374696f6e3d64756e6e6f]0a0a"},
    // Music Player Daemon, Protocol: layout.
    {"MPD", "lines", "[4f4b204d504420302e32342e30]0a[70696e67]0a[4f4b]0a"},
    // Assuan manual, 2.2 to 2.4; gpg-agent: implementation.
    {"GnuPG (Assuan)", "lines", "[4f4b20506c656173656420746f206d65657420796f75]0a[425945]0a"},
    // CIPA DC-005; libgphoto2, ptpip.c: implementation.
    {"PTP/IP cameras", "len32le,counts=whole", "0c000000[0300000001000000]08000000[0d000000]"},
};

}  // namespace weir_test
