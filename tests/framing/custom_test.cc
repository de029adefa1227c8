// Custom framings have the same decoder, encoder, limits and laws. A format that breaks a rule gets an error.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "said.h"
#include "tests/aborting.h"
#include "tests/law_effort.h"
#include "weir/framing/decoder_memory.h"
#include "weir/framing/laws/laws.h"

using namespace weir;
using namespace std::string_view_literals;
using weir_test::aborting;
using weir_test::decoded;
using weir_test::encoded;

namespace {

// The example of format.h.
class two_digits : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < 2; ++i) {
            if (i == frame.content.size()) return verdict::more(2);
            const auto digit = std::to_integer<unsigned>(frame.content[i]) - '0';
            if (digit > 9) return verdict::broken(i);
            size = 10 * size + digit;
            ++looked;
        }
        return verdict::frame(2, size, 0);
    }
    void put_header(std::uint64_t size, buffer& out) const override {
        out.append(std::string{static_cast<char>('0' + size / 10), static_cast<char>('0' + size % 10)});
    }
    std::string refuse(bytes_view body) const override {
        return body.size() <= 99 ? "" : "two digits say no more than 99";
    }
};

// The same format, with the exclusive or of the whole frame as its trailer.
class checked_digits final : public two_digits {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        verdict said = two_digits::measure(frame, looked);
        if (said.what == verdict::answer::frame) said.trailer = 1;
        return said;
    }
    void put_trailer(bytes_view header, bytes_view body, buffer& out) const override {
        for (int i = 0; i < 200; ++i) out.append("?");  // header and body stay valid while `out` grows
        out.truncate(out.size() - 200);
        out.append(std::string(1, sum(header, body)));
    }
    std::string refuse_trailer(bytes_view header, bytes_view body, bytes_view trailer) const override {
        if (body.data() == nullptr) return {};  // the body was skipped or streamed
        return trailer == std::string(1, sum(header, body)) ? "" : "the sum is wrong";
    }

private:
    static char sum(bytes_view header, bytes_view body) {
        unsigned sum = 0;
        for (const auto part : {header, body}) {
            for (const auto byte : part) sum ^= std::to_integer<unsigned>(byte);
        }
        return static_cast<char>(sum);
    }
};

// A semicolon ends a message. The format reports no settled bytes.
class semicolons final : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        for (std::size_t i = frame.searched; i < frame.content.size(); ++i) {
            ++looked;
            if (frame.content[i] == std::byte{';'}) return verdict::frame(0, i, 1);
        }
        return verdict::more(frame.content.size() + 1);
    }
    bool searches() const noexcept override { return true; }
    void put_header(std::uint64_t, buffer&) const override {}
    void put_trailer(bytes_view, bytes_view, buffer& out) const override { out.append(";"); }
    std::string refuse(bytes_view body) const override {
        return body.text().find(';') == std::string_view::npos ? "" : "it contains a semicolon";
    }
};

// '<' begins and '>' ends a message. In the message, '<', '>' and '\' are escaped with a '\'.
class bracketed final : public format {
public:
    verdict measure(const frame_bytes& frame, std::uint64_t& looked) const override {
        const std::size_t header = frame.inside ? 0 : 1;
        if (header == 1 && frame.content[0] != std::byte{'<'}) return verdict::broken(0);
        bool escaped = false;
        for (std::size_t i = header; i < frame.content.size(); ++i) {
            if (i >= frame.searched) ++looked;
            if (!escaped && frame.content[i] == std::byte{'>'}) return verdict::frame(header, i - header, 1);
            if (escaped && std::string_view("<>\\").find(frame.content.text()[i]) == std::string_view::npos)
                return verdict::broken(i, i - header - 1);
            escaped = !escaped && frame.content[i] == std::byte{'\\'};
        }
        const std::size_t body = frame.content.size() - std::min(frame.content.size(), header);
        return verdict::more(frame.content.size() + 1, header, body - std::min<std::size_t>(body, escaped ? 1 : 0));
    }
    bool searches() const noexcept override { return true; }
    std::size_t searched_header() const noexcept override { return 1; }
    void put_header(std::uint64_t, buffer& out) const override { out.append("<"); }
    void put_trailer(bytes_view, bytes_view, buffer& out) const override { out.append(">"); }
    // The decoder accepts a '<' without an escape, which the encoder would write with one.
    bool reads_all() const noexcept override { return false; }
    bool stuffs() const noexcept override { return true; }
    void unstuff(bytes_view body, buffer& plain) const override {
        for (std::size_t i = 0; i < body.size(); ++i) {
            if (body[i] == std::byte{'\\'} && i + 1 < body.size()) ++i;
            plain.append(body.part(i, 1));
        }
    }
    void stuff(buffer& out, std::size_t begin) const override {
        const bytes plain(out.view().from(begin));
        out.truncate(begin);
        for (std::size_t i = 0; i < plain.size(); ++i) {
            if (std::string_view("<>\\").find(plain.text()[i]) != std::string_view::npos) out.append("\\");
            out.append(plain.view().part(i, 1));
        }
    }
    std::size_t whole_part(bytes_view body, std::size_t size) const override {
        std::size_t escapes = 0;
        while (escapes < size && body[size - 1 - escapes] == std::byte{'\\'}) ++escapes;
        return size - escapes % 2;
    }
};

framing digits() { return framing::custom("two-digits", std::make_shared<two_digits>()).max(99); }
framing checked() { return framing::custom("checked", std::make_shared<checked_digits>()).max(99); }
framing semi() { return framing::custom("semicolons", std::make_shared<semicolons>()); }
framing brackets() { return framing::custom("brackets", std::make_shared<bracketed>()); }

const std::vector<bytes> messages{"a", "", "hello", "a<b>c\\", "0", "12", "03abc", "\n"};

// A format in which a test replaces single functions. The others behave correctly.
class told final : public format {
public:
    std::function<verdict(const frame_bytes&)> says = [](const frame_bytes&) { return verdict::frame(0, 1, 0); };
    std::function<verdict(const frame_bytes&)> says_at_last = says;
    std::function<void(buffer&)> heads = [](buffer&) {};
    std::function<void(buffer&)> trails = [](buffer&) {};
    std::function<void(buffer&, std::size_t)> stuffing = [](buffer&, std::size_t) {};
    std::function<void(buffer&)> unstuffing = [](buffer&) {};
    std::size_t header = 0;
    std::size_t cut = 0;
    bool searching = false;
    bool stuffing_at_all = false;

    verdict measure(const frame_bytes& frame, std::uint64_t&) const override { return says(frame); }
    verdict measure_last(const frame_bytes& frame, std::uint64_t&) const override { return says_at_last(frame); }
    void put_header(std::uint64_t, buffer& out) const override { heads(out); }
    void put_trailer(bytes_view, bytes_view, buffer& out) const override { trails(out); }
    bool searches() const noexcept override { return searching; }
    std::size_t searched_header() const noexcept override { return header; }
    bool stuffs() const noexcept override { return stuffing_at_all; }
    void stuff(buffer& out, std::size_t begin) const override { stuffing(out, begin); }
    void unstuff(bytes_view, buffer& plain) const override { unstuffing(plain); }
    std::size_t whole_part(bytes_view, std::size_t size) const override { return size + cut; }
};

framing made(const std::function<void(told&)>& change) {
    auto own = std::make_shared<told>();
    change(*own);
    return framing::custom("told", own).max(4);
}

// Returns the broken rule that a decoder reports when it is fed these parts and the end of the stream.
std::string complaint(const framing& described, const std::vector<std::string>& parts) {
    const auto [said, aborted] = aborting([&] {
        alarm(10);  // SIGALRM ends an endless loop; `aborted` is then false
        decoder decode(described);
        for (const auto& part : parts) {
            decode.feed(part);
            for (auto step = decode.next(); step.what != decoder::more; step = decode.next()) {
                if (step.what == decoder::failed) return;
            }
        }
        decode.finish();
        for (auto step = decode.next(); step.what != decoder::end; step = decode.next()) {
            if (step.what == decoder::failed) return;
        }
    });
    return aborted ? said : "not aborted: " + said;
}

bool names(const std::string& said, std::string_view rule) {
    const bool named = said.find(rule) != std::string::npos && said.starts_with("weir: check failed");
    if (!named) MESSAGE(said << " does not name: " << rule);
    return named;
}

framing saying(const verdict& said) {
    return made([&](told& t) { t.says = [said](const frame_bytes&) { return said; }; });
}

framing searching(const std::function<verdict(const frame_bytes&)>& says) {
    return made([&](told& t) {
        t.searching = true;
        t.says = t.says_at_last = says;
    });
}

}  // namespace

TEST_CASE("a custom framing keeps the laws, with limits, checksums and every rule for oversize messages") {
    for (const framing& plain : {digits(), checked(), semi(), brackets()}) {
        std::vector<framing> variants{plain, plain.reject_empty(), plain.check(framing::crc16_x25),
                                      plain.check(framing::xor8, 0).check_order(byte_order::little)};
        for (const auto rule : {framing::close, framing::skip, framing::stream}) {
            variants.push_back(plain.max(3).oversize(rule));
            variants.push_back(plain.max(3).oversize(rule).check(framing::sum8));
            variants.push_back(plain.max(3).oversize(rule).check(framing::crc16_modbus, 0));
        }
        for (const framing& each : variants) {
            const auto tested = laws::subject_of(each);
            CAPTURE(tested->name());
            if (auto broken = laws::check(*tested, messages, weir_test::law_effort())) FAIL_CHECK(*broken);
            if (each.fields().oversize == framing::close) continue;
            framing generous = each.max(90).oversize(framing::close);
            if (auto broken = laws::resync(*tested, *laws::subject_of(generous), messages, weir_test::law_effort()))
                FAIL_CHECK(*broken);
        }
    }
}

TEST_CASE("custom framings on literal bytes") {
    CHECK(encoded(checked(), "ab") == "02ab\1"sv);
    CHECK(decoded(checked(), "02ab\1"sv) == "<ab> end");
    CHECK(decoded(checked(), "02ab\2"sv) == " malformed at 4: the sum is wrong");
    CHECK(decoded(digits(), "0x") == " malformed at 1: byte 1 of a frame is \"x\", which the format does not allow");
    CHECK(decoded(digits(), "05hel") ==
          " closed inside a message at 5: the stream ended after 5 bytes of a frame of 7 bytes");
    CHECK(decoded(digits().max(4), "05hello") ==
          " message too large at 0: a message of 5 bytes is over the limit of 4 bytes");
    CHECK(decoded(checked().max(1).oversize(framing::skip),
                  "02ab\77"
                  "01cb"sv) == "-2<c> end");
    CHECK(encoded(brackets(), "a>\\") == "<a\\>\\\\>");
    CHECK(decoded(brackets(), "<a\\>\\\\><b>") == "<a>\\><b> end");
    CHECK(encoded(semi(), "a;b") == "it contains a semicolon");
    CHECK(decoded(semi().check(framing::sum8), "aba\x24;") == "<aba> end");
}

TEST_CASE("the held bytes are limited, also for a format that never ends its header or never settles a byte") {
    const framing deaf =
        made([](told& t) { t.says = [](const frame_bytes& f) { return verdict::more(2 * f.content.size() + 9); }; });
    CHECK(decoded(deaf, std::string(most_header_bytes, 'x'), false) == " more, held 4096");
    CHECK(decoded(deaf, std::string(100000, 'x')) == " malformed at 4096: a header has not ended after 4 KiB");
    const framing late = made([](told& t) {
        t.says = [](const frame_bytes& f) {
            return f.content.size() < 5000 ? verdict::more(UINT64_MAX) : verdict::frame(5000, 1, 0);
        };
    });
    for (const std::size_t step : {1u, 4097u, 9000u}) {
        decoder decode(late);
        const std::string stream(9000, 'x');
        for (std::size_t at = 0; at < stream.size(); at += step) {
            decode.feed(bytes_view(stream).part(at, std::min(step, stream.size() - at)));
            if (decode.next().what == decoder::failed) break;
            CHECK(decoder_memory::held(decode) <= most_header_bytes);
        }
        CHECK(decode.failed_at() == most_header_bytes);
    }
    decoder decode(semi().max(10).oversize(framing::skip));
    const std::string endless(1000, 'x');
    for (int i = 0; i < 100; ++i) {
        decode.feed(endless);
        CHECK(decode.next().what == decoder::more);
        CHECK(decoder_memory::held(decode) <= 10 + 2 * most_header_bytes);
    }
    decode.feed(";a;");
    CHECK(decode.next().size == 100000);
    CHECK(decode.next().payload == "a");
}

TEST_CASE("a format that breaks a rule when it announces a size fails a check that names the rule") {
    const auto more = [](std::uint64_t need) { return saying(verdict::more(need)); };
    CHECK(names(complaint(more(0), {"ab"}), "need must be above the number of bytes that arrived"));
    CHECK(names(complaint(more(2), {"ab"}), "need must be above the number of bytes that arrived"));
    CHECK(names(complaint(saying(verdict::more(9, 0, 1)), {"ab"}), "only a format that searches() can settle bytes"));
    constexpr std::uint64_t large = std::uint64_t{1} << 62;
    CHECK(names(complaint(saying(verdict::frame(large + 1, 0, 0)), {"ab"}), "no size may be over 2^62"));
    CHECK(names(complaint(saying(verdict::frame(0, large + 1, 0)), {"ab"}), "no size may be over 2^62"));
    CHECK(names(complaint(saying(verdict::frame(0, UINT64_MAX, 1)), {"ab"}), "no size may be over 2^62"));
    CHECK(names(complaint(saying(verdict::frame(0, 1, UINT64_MAX)), {"ab"}), "no size may be over 2^62"));
    CHECK(names(complaint(saying(verdict::frame(0, 1, most_header_bytes + 1)), {"ab"}), "data belongs to the body"));
    CHECK(names(complaint(saying(verdict::frame(3, 1, 0)), {"ab"}), "the header must arrive before the size is known"));
    CHECK(names(complaint(saying(verdict::frame(0, 0, 0)), {"ab"}), "a frame of 0 bytes would repeat forever"));
    CHECK(names(complaint(saying(verdict::broken(2)), {"ab"}), "the place must be that of a byte that arrived"));
    CHECK(names(complaint(saying(verdict::broken(0, 1)), {"ab"}), "only bytes before the wrong one can be settled"));
    CHECK(decoded(saying(verdict::frame(0, large, 0)), "ab").starts_with(" message too large at 0"));
}

TEST_CASE("a format that breaks a rule when it searches fails a check that names the rule") {
    const auto always = [](const verdict& said) { return searching([said](const frame_bytes&) { return said; }); };
    CHECK(names(complaint(always(verdict::more(2)), {"ab"}), "need must be above the number of bytes that arrived"));
    CHECK(names(complaint(always(verdict::more(9, 0, 3)), {"ab"}), "only bytes that arrived after the header"));
    CHECK(names(complaint(always(verdict::frame(0, 3, 0)), {"ab"}), "the end that was searched for must have arrived"));
    CHECK(names(complaint(always(verdict::frame(0, UINT64_MAX, 1)), {"ab"}), "no size may be over 2^62"));
    CHECK(names(complaint(always(verdict::frame(1, 1, 0)), {"ab"}), "the header must have searched_header() bytes"));
    CHECK(names(complaint(always(verdict::frame(0, 0, 0)), {"ab"}), "a frame of 0 bytes would repeat forever"));
    const auto shrinks = searching([](const frame_bytes& f) {
        return f.content.size() < 4 ? verdict::more(f.content.size() + 1, 0, f.content.size())
                                    : verdict::frame(0, 1, 1);
    });
    CHECK(names(complaint(shrinks, {"abc", "d"}), "bytes that were settled are no longer part of the body"));
    const auto settles_less = searching(
        [](const frame_bytes& f) { return verdict::more(f.content.size() + 1, 0, f.content.size() == 1 ? 1 : 0); });
    CHECK(names(complaint(settles_less, {"a", "b"}), "bytes that were settled are no longer part of the body"));
    const auto at_last = made([](told& t) {
        t.searching = true;
        t.says = [](const frame_bytes& f) { return verdict::more(f.content.size() + 1); };
        t.says_at_last = [](const frame_bytes&) { return verdict::frame(0, 0, 0); };
    });
    CHECK(names(complaint(at_last, {"ab"}), "a frame of 0 bytes would repeat forever"));
    // In the body of a message over the limit, measure() returns a different end.
    const auto turns = searching([](const frame_bytes& f) {
        return f.inside ? verdict::frame(0, 0, 1) : verdict::frame(0, f.content.size(), 0);
    });
    CHECK(names(complaint(turns.oversize(framing::stream).check(framing::crc32), {"abcdefghijk"}),
                "the body ends before bytes that an earlier call returned as settled"));
}

TEST_CASE("a format that breaks a rule when it writes fails a check that names the rule") {
    const auto written = [](const std::function<void(told&)>& change) {
        const auto [said, aborted] = aborting([&] {
            buffer out;
            out.append("before");
            static_cast<void>(encoder(made(change)).encode("x", out));
        });
        return aborted ? said : "not aborted";
    };
    const auto takes = [](buffer& out) { out.truncate(1); };
    const auto floods = [](buffer& out) { out.append(std::string(most_header_bytes + 1, 'x')); };
    CHECK(names(written([&](told& t) { t.heads = takes; }), "put_header() must append; it removed bytes"));
    CHECK(names(written([&](told& t) { t.heads = floods; }), "put_header() must append at most"));
    CHECK(names(written([&](told& t) { t.trails = takes; }), "put_trailer() must append; it removed bytes"));
    CHECK(names(written([&](told& t) { t.trails = floods; }), "put_trailer() must append at most"));
    const auto stuffing = [](told& t) { t.searching = t.stuffing_at_all = true; };
    CHECK(names(written([&](told& t) {
                    stuffing(t);
                    t.stuffing = [](buffer& out, std::size_t begin) { out.truncate(begin); };
                }),
                "stuff() must not make a body shorter"));
    CHECK(names(written([&](told& t) {
                    t.searching = true;
                    t.header = 1;
                }),
                "put_header() must append searched_header() bytes"));
    CHECK(names(written([](told& t) { t.stuffing_at_all = true; }), "a format that stuffs() also searches()"));
    CHECK(names(written([](told& t) {
                    t.searching = true;
                    t.header = most_header_bytes + 1;
                }),
                "searched_header() must be at most"));
    const auto whole = [](const frame_bytes& f) { return verdict::frame(0, f.content.size(), 0); };
    CHECK(names(complaint(made([&](told& t) {
                              stuffing(t);
                              t.says = whole;
                              t.unstuffing = [](buffer& plain) { plain.append("too much"); };
                          }),
                          {"ab"}),
                "unstuff() must not make a body longer"));
    CHECK(names(complaint(made([&](told& t) {
                              stuffing(t);
                              t.cut = 1;
                              t.says = [](const frame_bytes& f) {
                                  return verdict::more(f.content.size() + 1, 0, f.content.size());
                              };
                          }).oversize(framing::skip),
                          {"abcdefghijk"}),
                "whole_part() must return at most the size that was passed"));
}

TEST_CASE("a custom framing has a name, and is equal to another one with the same name and format object") {
    const auto own = std::make_shared<two_digits>();
    const framing one = framing::custom("two-digits", own);
    CHECK(one.to_string() == "two-digits");
    CHECK(one.max(99).oversize(framing::skip).to_string() == "two-digits,max=99,oversize=skip");
    CHECK(one == framing::custom("two-digits", own));
    CHECK_FALSE(one == framing::custom("two-digits", std::make_shared<two_digits>()));
    CHECK_FALSE(one == framing::custom("other", own));
    CHECK_FALSE(one == one.max(99));
    CHECK(framing::parse("two-digits").error().message().find("no framing is called \"two-digits\"") !=
          std::string::npos);
    const auto refused = [](std::string_view name, std::shared_ptr<const format> machine) {
        description fields(framing_kind::custom);
        fields.name = name;
        fields.own = std::move(machine);
        const auto made = framing::make(std::move(fields));
        return made ? "" : std::string(made.error().detail());
    };
    CHECK(refused("two.digits_2", own).empty());
    CHECK(refused("", own) == "the name of a framing is letters, digits, - _ and .");
    CHECK(refused("AZaz09-_.", own).empty());
    CHECK(refused("a,b", own) == "the name of a framing is letters, digits, - _ and .");
    CHECK(refused("len32", own) == "this is the name of another framing: len32");
    CHECK(refused("mine", nullptr) == "a custom framing needs a format");
    CHECK(aborting([&] { static_cast<void>(one.keep_header()); }).first.find("\"header\" does not apply to") !=
          std::string::npos);
}

TEST_CASE("in every framing without byte stuffing, stuffing and unstuffing leave a body unchanged") {
    class unasked final : public weir::format {
        weir::verdict measure(const weir::frame_bytes&, std::uint64_t&) const override {
            return weir::verdict::frame(0, 1, 0);
        }
        void put_header(std::uint64_t, weir::buffer&) const override {}
        void unstuff(weir::bytes_view, weir::buffer&) const override { FAIL("a format that stuffs nothing was asked"); }
        void stuff(weir::buffer&, std::size_t) const override { FAIL("a format that stuffs nothing was asked"); }
        std::size_t whole_part(weir::bytes_view, std::size_t) const override { return 0; }
    };
    const weir::bytes_view body("\0a\0"sv);
    for (const auto& described :
         {framing::lines(), framing::len8(), framing::varint(), framing::netstring(), framing::fixed(3),
          framing::chunks(), framing::delimited({";"}), framing::custom("unasked", std::make_shared<unasked>())}) {
        CAPTURE(described.to_string());
        const weir::format& machine = described.machine();
        weir::buffer plain;
        machine.unstuff(body, plain);
        CHECK(plain.view() == body);
        machine.stuff(plain, 0);
        CHECK(plain.view() == body);
        CHECK(machine.whole_part(body, 3) == 3);
    }
}

TEST_CASE("unstuffing reads no byte after the part that is passed to it") {
    const auto slip = *framing::parse("delimited:c0,escape=dbdc:c0/dbdd:db");
    const std::string wire = "a\xdb\xdc\xdb";  // the second byte of the last pair is missing
    weir::buffer plain;
    slip.machine().unstuff(weir::bytes(wire), plain);
    CHECK(plain.view() == "a\xc0\xdb");
}
