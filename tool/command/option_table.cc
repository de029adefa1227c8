#include "tool/command/option_table.h"

#include <algorithm>
#include <array>

namespace weir_tool {
namespace {

constexpr option help_option{"help", 'h', "", "", "print this help"};
constexpr option json_option{"json", 0, "", "",
                             "write events to standard output, one JSON object per line, numbers without units"};

constexpr std::array common{
    help_option,
    option{"version", 0, "", "", "print the version"},
};

constexpr exit_meaning went_well{"0", "success"};
constexpr exit_meaning wrong_usage{"2", "the command line was wrong"};

constexpr option backend_option{"backend", 0, "NAME", "automatic",
                                "io_uring, epoll, or automatic: io_uring where the kernel supports and permits it"};

constexpr option key_option{"key", 0,     "FILE", "the --cert file", "the private key of the certificate, PEM",
                            false, "cert"};
constexpr option key_password_option{
    "key-password-file", 0, "FILE", "", "a file whose first line is the password of an encrypted key", false, "cert"};

// serve

constexpr std::array serve_arguments{
    argument{"ADDRESS",
             "127.0.0.1:9000, [::1]:9000, localhost:9000, *:9000 (every interface), unix:/run/x.sock, unix:@name; "
             "with port 0 the kernel chooses a free port"},
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
           "the most connections at a time; at this number accepting pauses, and the kernel queues further ones"},
    option{"max-per-source", 0, "N|none", "a tenth, at least 8",
           "the most connections of one IP address (of one IPv6 /64) at a time; further ones are refused"},
    option{"held", 0, "BYTES|none", "256MiB, at most a quarter of the memory",
           "memory of all connections together for partial messages, and for replies that the peers have not read"},
    option{"kernel-buffers", 0, "BYTES|none", "a quarter of the memory",
           "memory for the kernel's socket buffers of all connections; above it, new connections get smaller buffers"},
    option{"first-message", 0, "TIME|none", "10s",
           "close a new connection that sends no whole message within this time"},
    option{"whole-message", 0, "TIME|none", "30s",
           "close a connection when a message is not complete within this time from its first byte"},
    option{"idle", 0, "TIME|none", "5min", "close a connection that sends no whole message for this time"},
    option{"stall", 0, "TIME|none", "30s",
           "close a connection when the peer takes none of the sent bytes for this time"},
    option{"drain", 0, "TIME|none", "10s", "how long connections may continue after the first ^C or SIGTERM"},
    option{"tls", 0, "", "",
           "TLS 1.2 or 1.3 on every connection; without --cert, a certificate is made in memory, and the --pin that "
           "clients need is printed"},
    option{"cert", 0, "FILE", "",
           "the certificate of the server, and those that sign it, PEM; SIGHUP reloads the files", false, "tls"},
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
    example{"weir serve 127.0.0.1:9000 -f lines", "each line is a message; nc 127.0.0.1 9000 is a client"},
    example{"weir serve 127.0.0.1:0 -f len32,max=64KiB --idle none",
            "the kernel chooses the port; it is printed to standard error"},
    example{"weir serve unix:@echo -f len16le --json -q", "an abstract Unix address; events for a program"},
    example{"weir serve '*:9000' -f lines --tls --cert server.crt --key server.key", "TLS on every interface"},
};
constexpr std::array serve_exits{
    exit_meaning{"0", "ended by ^C or SIGTERM, and no connection was aborted"},
    exit_meaning{
        "1",
        "listening failed (for example, the address is in use), a certificate cannot be used, or events could not be "
        "written"},
    wrong_usage,
    exit_meaning{
        "130",
        "ended by ^C (143: by SIGTERM), and connections were aborted: --drain expired, or a second signal arrived"},
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
           "how messages are framed in standard input; hex: one message per line in hex digits, spaces allowed"},
    option{"out", 0, "F|hex", "lines", "how messages are written to standard output"},
    option{"raw", 0, "", "",
           "write control characters of the peer to a terminal unchanged; by default they are shown there as \\x1b; to "
           "anything but a terminal, every byte is written unchanged"},
    option{"linger", 0, "TIME|none", "none",
           "after the end of the input, wait at most this long for the peer to end; after the peer has ended its "
           "side, wait at most this long for further input"},
    option{"expect", 0, "N", "",
           "after the end of the input, keep the sending side open until N replies have arrived; then wait for the "
           "peer to end, at most 2 s or --linger"},
    option{"stall", 0, "TIME|none", "30s", "give up when the peer takes none of the sent bytes for this time"},
    option{"timeout", 0, "TIME|none", "10s", "the time limit for connecting"},
    backend_option,
    option{"tls", 0, "", "", "TLS 1.2 or 1.3; the certificate of the server must be for the host of ADDRESS"},
    option{"ca", 0, "FILE", "", "the certificate authorities to trust, PEM, instead of those of the system", false,
           "tls"},
    option{"pin", 0, "PIN", "",
           "the public key of the server, sha256:..., or several separated by commas; replaces all other checks of the "
           "certificate, unless --ca is given",
           false, "tls"},
    option{"insecure", 0, "", "",
           "accept any certificate: an attacker may impersonate the server, and read and change everything", false,
           "tls"},
    option{"cert", 0, "FILE", "", "a certificate to show when the server asks for one, PEM", false, "tls"},
    key_option,
    key_password_option,
    option{"alpn", 0, "A,B", "", "application protocols, the preferred one first; the server must choose one of them",
           false, "tls"},
    option{"sni", 0, "NAME", "the host of ADDRESS",
           "the server name to send; it does not change the name that is verified", false, "tls"},
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
            "over TLS, to a verified server"},
};
constexpr std::array connect_exits{
    went_well,
    exit_meaning{
        "1",
        "the network, or standard input or output, failed (refused, reset, TLS handshake ...), a message of the input "
        "could not be sent, or fewer replies arrived than --expect requires"},
    exit_meaning{"2", "the command line was wrong, or a message of the input cannot be carried by the framing"},
    exit_meaning{"3", "the peer broke the framing: malformed, truncated or over the limit"},
    exit_meaning{"4",
                 "timed out: connecting, sending, or a reply that was incomplete or missing when --linger expired"},
    exit_meaning{
        "130",
        "ended by ^C (143: by SIGTERM); the first signal stops sending and prints a summary, the second ends the "
        "command at once"},
};

// framing

constexpr std::array framing_arguments{
    argument{"F", "the framing: lines, len32, delimited:7e ...; without it the kinds and options are listed", true},
};
constexpr std::array framing_options{
    option{"python", 0, "", "", "print a program that uses the framing, in Python with the standard library alone"},
    option{
        "cpp", 0, "", "",
        "print a program that uses the framing, in C++ with weir; both programs take HOST PORT, read messages as lines "
        "of hex digits, wait for a reply after each one, and print it in the same form"},
    option{"json", 0, "", "", "print everything as one JSON object"},
    help_option,
};
constexpr std::array framing_examples{
    example{"weir framing len16,offset=2,magic=cafe,check=crc32",
            "its meaning, a drawing of its bytes, and what it refuses"},
    example{"weir framing netstring --python", "a client to start from"},
};
constexpr std::array framing_exits{went_well,
                                   exit_meaning{"2", "the command line was wrong, or the framing has no program"}};

// explain

constexpr std::array explain_arguments{
    argument{"FILE", "the bytes: a file, or - for standard input, which is read when no file is named", true},
};
constexpr std::array explain_options{
    option{"framing", 'f', "F", "", "how messages are framed in the bytes; without it the framing is guessed"},
    option{"in", 0, "raw|hex", "",
           "the bytes unchanged, or a dump of them: hex digits, xxd, hexdump -C or od -Ax -tx1; by default a dump is "
           "detected and reported on standard error"},
    option{"bytes", 0, "N|all", "64", "how many bytes of each part of a frame are drawn"},
    json_option,
    help_option,
};
constexpr std::array explain_examples{
    example{"printf '5:hello,3:bad;' | weir explain -f netstring", "frames, their parts, and the place of each error"},
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
    example{"weir demo", "shows what TCP does to messages, on this machine"},
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
        "Sends each message of standard input in the framing of -f, and writes each message that it receives, both at\n"
        "the same time. At the end of the input it ends its sending side and waits for the peer to end too. When the\n"
        "peer ends first, the rest of the input is sent as long as the peer takes it; if the input is a terminal, the\n"
        "command ends. With SSLKEYLOGFILE in the environment it appends the secrets of TLS connections to that file.",
        connect_arguments, connect_options, connect_examples, connect_exits},
    command{"framing", "a framing in plain words, a drawing of its bytes, and programs that use it",
            "Describes F, draws a frame, and lists what it allows and refuses. Can also print a program in Python\n"
            "or C++ that uses it.",
            framing_arguments, framing_options, framing_examples, framing_exits},
    command{"explain", "draws bytes as frames: every part, its meaning, and the place of each error",
            "Cuts FILE into frames and draws each as soon as it is complete: offset, header, payload and trailer, and\n"
            "what their bytes mean. After a broken frame it guesses where decoding can resume, and continues there. "
            "Without\n"
            "-f it prints which framings fit the first 16 KiB, and why, and continues with the first.",
            explain_arguments, explain_options, explain_examples, explain_exits},
    command{"demo",
            "a short real dialogue: how TCP glues and tears messages, and how a framing restores them",
            "Starts servers and clients on this machine's loopback, splits and joins their bytes as networks do, and\n"
            "prints what was measured in this run.",
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
