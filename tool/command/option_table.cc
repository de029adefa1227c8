#include "tool/command/option_table.h"

#include <algorithm>
#include <array>

namespace weir_tool {
namespace {

constexpr option help_option{"help", 'h', "", "", "this text"};
constexpr option json_option{"json", 0, "", "", "events on standard output, one JSON object a line, raw integers"};

constexpr std::array common{
    help_option,
    option{"version", 0, "", "", "the version"},
};

constexpr exit_meaning went_well{"0", "success"};
constexpr exit_meaning wrong_usage{"2", "the command line was wrong"};

constexpr option backend_option{"backend", 0, "NAME", "automatic",
                                "io_uring, epoll, or automatic: io_uring where the kernel has it and allows it"};

constexpr option key_option{"key", 0,     "FILE", "the --cert file", "the private key of the certificate, PEM",
                            false, "cert"};
constexpr option key_password_option{
    "key-password-file", 0, "FILE", "", "its first line is the password of an encrypted key", false, "cert"};

// serve

constexpr std::array serve_arguments{
    argument{"ADDRESS",
             "127.0.0.1:9000, [::1]:9000, localhost:9000, *:9000 (every interface), unix:/run/x.sock, unix:@name; "
             "with port 0 the kernel chooses one"},
};
constexpr std::array serve_options{
    option{"framing", 'f', "F", "",
           "how messages are framed in the stream: lines, len32, len16le,max=4KiB, varint, netstring, delimited:7e, "
           "fixed:64 ...",
           true},
    option{"threads", 0, "N", "1",
           "the number of event loops, each on its own thread; all accept connections at ADDRESS"},
    backend_option,
    option{"max-connections", 0, "N", "1000",
           "connections at a time; above it accepting pauses, and the kernel queues the rest"},
    option{"max-per-source", 0, "N|none", "a tenth, at least 8",
           "of these, connections of one IP address (of one IPv6 /64) at a time; further ones are refused"},
    option{"held", 0, "BYTES|none", "256MiB, at most a quarter of the memory",
           "memory for partial messages and for replies that peers do not take, of all connections together"},
    option{"kernel-buffers", 0, "BYTES|none", "a quarter of the memory",
           "memory of the kernel's socket buffers of all connections together: further connections get smaller ones"},
    option{"first-message", 0, "TIME|none", "10s",
           "close a new connection that sends no whole message within this time"},
    option{"whole-message", 0, "TIME|none", "30s",
           "close a connection when a message that has begun is not whole within this time"},
    option{"idle", 0, "TIME|none", "5min", "close a connection that sends no whole message for this time"},
    option{"stall", 0, "TIME|none", "30s", "close a connection that takes nothing of a reply for this time"},
    option{"drain", 0, "TIME|none", "10s", "how long connections may continue after the first ^C or SIGTERM"},
    option{"tls", 0, "", "",
           "TLS 1.2 or 1.3 on every connection; without --cert it makes a certificate in memory, and prints the --pin "
           "that clients need"},
    option{"cert", 0, "FILE", "",
           "the certificate of the server, and those that sign it, PEM; SIGHUP reads the files again", false, "tls"},
    key_option,
    key_password_option,
    option{"alpn", 0, "A,B", "", "application protocols, the preferred one first; a client must offer one of them",
           false, "tls"},
    option{"client-ca", 0, "FILE", "", "clients must show a certificate that one of these authorities has signed, PEM",
           false, "tls"},
    option{"quiet", 'q', "", "", "print only errors that end the command"},
    option{"verbose", 'v', "", "", "also print when a connection opens and when it closes cleanly"},
    json_option,
    help_option,
};
constexpr std::array serve_examples{
    example{"weir serve 127.0.0.1:9000 -f lines", "a line is a message; talk to it with nc 127.0.0.1 9000"},
    example{"weir serve 127.0.0.1:0 -f len32,max=64KiB --idle none",
            "the kernel chooses the port; it is printed to standard error"},
    example{"weir serve unix:@echo -f len16le --json -q", "an abstract Unix address; events for a program"},
    example{"weir serve '*:9000' -f lines --tls --cert server.crt --key server.key", "TLS on every interface"},
};
constexpr std::array serve_exits{
    exit_meaning{"0", "ended by ^C or SIGTERM, and no connection was aborted"},
    exit_meaning{"1",
                 "it could not listen: the address is in use ...; a certificate cannot be used; or events could not be "
                 "written"},
    wrong_usage,
    exit_meaning{
        "130",
        "ended by ^C (143: by SIGTERM), and connections were aborted: --drain was over, or a second signal came"},
};

// connect

constexpr std::array connect_arguments{
    argument{"ADDRESS", "127.0.0.1:9000, [::1]:9000, example.org:9000, unix:/run/x.sock, unix:@name"},
};
constexpr std::array connect_options{
    option{
        "framing", 'f', "F", "",
        "how messages are framed in the connection: lines, len32, len16le,max=4KiB, varint, netstring, delimited:7e, "
        "fixed:64 ...",
        true},
    option{"in", 0, "F|hex", "lines,end=deliver",
           "how messages are framed in standard input; hex: one message a line in hex digits, spaces allowed"},
    option{"out", 0, "F|hex", "lines", "how messages are written to standard output"},
    option{
        "raw", 0, "", "",
        "write control characters of the peer to a terminal as they are; without it they are shown as \\x1b there, and "
        "everywhere else each byte is written as it is"},
    option{"linger", 0, "TIME|none", "none",
           "after the end of the input, wait at most this long for the peer to end; after the peer has ended its "
           "side, wait at most this long for further input"},
    option{"expect", 0, "N", "",
           "after the end of the input, keep the sending side open until N replies have come; then the peer has 2 s to "
           "end, or --linger"},
    option{"stall", 0, "TIME|none", "30s", "give up when the peer takes nothing of what is sent for this time"},
    option{"timeout", 0, "TIME|none", "10s", "the limit for connecting"},
    backend_option,
    option{"tls", 0, "", "", "TLS 1.2 or 1.3; the certificate of the server must be for the host of ADDRESS"},
    option{"ca", 0, "FILE", "", "the authorities that are trusted, PEM, instead of those of the system", false, "tls"},
    option{"pin", 0, "PIN", "",
           "the server has this public key, sha256:..., or one of several with commas between them; replaces all other "
           "checks of its certificate, unless --ca is given",
           false, "tls"},
    option{"insecure", 0, "", "",
           "accept any certificate: anybody may be at the other end, and read and change everything", false, "tls"},
    option{"cert", 0, "FILE", "", "a certificate to show when the server asks for one, PEM", false, "tls"},
    key_option,
    key_password_option,
    option{"alpn", 0, "A,B", "", "application protocols, the preferred one first; the server must choose one of them",
           false, "tls"},
    option{"sni", 0, "NAME", "the host of ADDRESS", "the server name that is sent; it is not the one that is verified",
           false, "tls"},
    option{"quiet", 'q', "", "", "print only errors"},
    json_option,
    help_option,
};
constexpr std::array connect_examples{
    example{"printf 'a\\nbb\\n' | weir connect 127.0.0.1:9000 -f lines", "two messages, two replies"},
    example{"printf 'a\\nbb\\n' | weir connect 127.0.0.1:9000 -f len32",
            "the same two messages, each with its length in front"},
    example{"echo '00 ff 0a' | weir connect 127.0.0.1:9000 -f len32 --in hex --out hex",
            "bytes that no line can carry"},
    example{"printf 'a\\n' | weir connect 127.0.0.1:9000 -f lines --linger 2s --json",
            "for a peer that keeps its side open"},
    example{"printf 'a\\n' | weir connect 127.0.0.1:9000 -f lines --expect 1",
            "for a peer that does not answer after a half-close"},
    example{"printf 'a\\n' | weir connect localhost:9443 -f lines --tls --ca authority.crt",
            "through TLS, to a server that is verified"},
};
constexpr std::array connect_exits{
    went_well,
    exit_meaning{
        "1",
        "the network, or standard input or output, failed: refused, reset, the TLS handshake ...; or a message of the "
        "input could not be sent, or fewer replies came than --expect says"},
    exit_meaning{"2", "the command line was wrong, or a message of the input cannot be carried by the framing"},
    exit_meaning{"3", "the peer broke the framing: malformed, truncated or over the limit"},
    exit_meaning{"4",
                 "timed out: connecting, sending, or a reply that was incomplete or missing when --linger was over"},
    exit_meaning{"130",
                 "ended by ^C (143: by SIGTERM); the first stops sending and prints a summary, the second kills"},
};

// framing

constexpr std::array framing_arguments{
    argument{"F", "the framing: lines, len32, delimited:7e ...; without it the kinds and options are listed", true},
};
constexpr std::array framing_options{
    option{"python", 0, "", "", "a program that speaks it, with Python's standard library alone"},
    option{
        "cpp", 0, "", "",
        "a program that speaks it, with weir; both take HOST PORT, read messages as lines of hex digits, wait for one "
        "reply after each, and print it the same way"},
    option{"json", 0, "", "", "one JSON object with everything"},
    help_option,
};
constexpr std::array framing_examples{
    example{"weir framing len16,offset=2,magic=cafe,check=crc32", "what it means, its bytes drawn, what it refuses"},
    example{"weir framing netstring --python", "a client to start from"},
};
constexpr std::array framing_exits{went_well,
                                   exit_meaning{"2", "the command line was wrong, or there is no program for it"}};

// explain

constexpr std::array explain_arguments{
    argument{"FILE", "the bytes: a file, or - for standard input, which is read when no file is named", true},
};
constexpr std::array explain_options{
    option{"framing", 'f', "F", "", "how messages are framed in the bytes; without it the framing is guessed"},
    option{"in", 0, "raw|hex", "",
           "the bytes as they are, or a dump of them: hex digits, xxd, hexdump -C or od -Ax -tx1; without it a dump is "
           "recognised, and standard error says so"},
    option{"bytes", 0, "N|all", "64", "how many bytes of each part of a frame are drawn"},
    json_option,
    help_option,
};
constexpr std::array explain_examples{
    example{"printf '5:hello,3:bad;' | weir explain -f netstring", "frames, their parts, and what is wrong where"},
    example{"weir explain -f len16 capture.bin", "a file"},
    example{"echo '00 02 68 69 00 00' | weir explain -f len16", "bytes in hex, from standard input"},
    example{"xxd capture.bin | weir explain", "which framings fit?"},
};
constexpr std::array explain_exits{
    exit_meaning{"0", "every byte belongs to a whole frame"},
    exit_meaning{"1", "the file, standard input or output failed; or no framing fits the bytes"},
    exit_meaning{"2", "the command line was wrong, or the input is not a valid dump"},
    exit_meaning{"3", "the framing is broken: malformed, truncated or over the limit"},
};

// demo

constexpr std::array demo_options{json_option, help_option};
constexpr std::array demo_examples{
    example{"weir demo", "what TCP does to messages, on this machine, now"},
};
constexpr std::array demo_exits{
    went_well,
    exit_meaning{"1", "the kernel behaved differently from the transcript"},
    wrong_usage,
};

constexpr std::array all{
    command{
        "serve", "a message server: it answers each message with the same message",
        "Listens on ADDRESS, splits what arrives into messages, and sends each one back. It serves many connections\n"
        "at once. It reports a connection that breaks the framing on standard error; the others are unaffected. On\n"
        "SIGUSR1 it prints its counters; with --tls, SIGHUP reads the certificate again. With SSLKEYLOGFILE in the\n"
        "environment it appends the secrets of TLS connections to that file.",
        serve_arguments, serve_options, serve_examples, serve_exits},
    command{
        "connect", "messages from standard input, replies to standard output",
        "Sends each message of standard input, framed as -f says, and writes each message that comes back, both at\n"
        "the same time. At the end of the input it ends its sending side and waits for the peer to end too. When the\n"
        "peer ends first, the rest of the input is sent as long as the peer takes it; if the input is a terminal, the\n"
        "command ends. With SSLKEYLOGFILE in the environment it appends the secrets of TLS connections to that file.",
        connect_arguments, connect_options, connect_examples, connect_exits},
    command{"framing", "a framing in plain words, its bytes drawn, and programs that speak it",
            "Describes F, draws a frame, and lists what it allows and refuses. Can also print a program in Python\n"
            "or C++ that speaks it.",
            framing_arguments, framing_options, framing_examples, framing_exits},
    command{
        "explain", "draws bytes as frames: every part, its meaning, and what is wrong where",
        "Cuts FILE into frames and draws each as soon as it is whole: offset, header, payload and trailer, and what\n"
        "their bytes mean. After a broken frame it guesses where the stream decodes again, and continues there. "
        "Without\n"
        "-f it prints which framings fit the first 16 KiB, and why, and continues with the first.",
        explain_arguments, explain_options, explain_examples, explain_exits},
    command{
        "demo",
        "a short real dialogue: how TCP glues and tears messages, and what framing does about it",
        "Starts servers and clients on this machine's loopback, does to them what networks do, and prints what was\n"
        "measured in this run.",
        {},
        demo_options,
        demo_examples,
        demo_exits},
};

}  // namespace

std::span<const command> commands() noexcept { return all; }

const command* find_command(std::string_view name) noexcept {
    const auto found = std::find_if(all.begin(), all.end(), [&](const command& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::span<const option> common_options() noexcept { return common; }

}  // namespace weir_tool
