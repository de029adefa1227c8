// A failed check names the line of the caller that made the mistake, not the line in the library.
#include <doctest/doctest.h>

#include <source_location>
#include <string>

#include "tests/aborting.h"
#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/result.h"
#include "weir/framing/framing.h"

using namespace weir;
using weir_test::aborting;

namespace {

// Returns whether the body aborts with a message that names the line of this call.
template <class Body>
bool names_this_line(Body body, std::source_location here = std::source_location::current()) {
    const auto [said, aborted] = aborting(body);
    INFO(said);
    const std::string place = std::string(here.file_name()) + ":" + std::to_string(here.line()) + ": ";
    const bool named = aborted && said.starts_with("weir: check failed at " + place);
    CHECK_MESSAGE(named, said);
    return named;
}

result<std::string> failed() { return error(errc::refused, "connect", "10.0.0.1:80"); }

}  // namespace

TEST_CASE("reading the error of a result that has a value: the check names the line of the call") {
    CHECK(names_this_line([] { static_cast<void>(result<int>(1).error()); }));
    CHECK(names_this_line([] { static_cast<void>(result<void>().error()); }));
}

// An operator cannot record its call site. So WEIR_CHECK prints the code address and a command that finds the line.
TEST_CASE("reading the value of a failed result: the check names the code address, and the command for the line") {
    const auto names_code = [](const std::pair<std::string, bool>& seen) {
        INFO(seen.first);
        const std::size_t place = seen.first.find("tests+0x");
        REQUIRE(place != std::string::npos);
        const std::string offset = seen.first.substr(place + 6, seen.first.find(':', place) - place - 6);
        CHECK(seen.first.find(": bool(result): the value of a failed result was read: connect 10.0.0.1:80: ") !=
              std::string::npos);
        CHECK(seen.first.find("tests " + offset + " prints the line, if") != std::string::npos);
        return seen.second;
    };
    CHECK(names_code(aborting([] { static_cast<void>(*failed()); })));
    CHECK(names_code(aborting([] { static_cast<void>(failed()->size()); })));
    const auto kept = failed();
    CHECK(names_code(aborting([&] { static_cast<void>(*kept); })));
    CHECK(names_code(aborting([&] { static_cast<void>(kept->size()); })));
}

TEST_CASE("wrong sizes for buffers and views: the check names the line of the call") {
    CHECK(names_this_line([] { buffer().consume(1); }));
    CHECK(names_this_line([] { buffer().truncate(1); }));
    CHECK(names_this_line([] { buffer().commit(1); }));
    CHECK(names_this_line([] { static_cast<void>(bytes_view("abc").first(4)); }));
    CHECK(names_this_line([] { static_cast<void>(bytes_view("abc").from(4)); }));
    CHECK(names_this_line([] { static_cast<void>(bytes_view("abc").part(1, 3)); }));
}

TEST_CASE("framings that contradict themselves: the check names the line of the call") {
    CHECK(names_this_line([] { framing::fixed(0); }));
    CHECK(names_this_line([] { framing::delimited({}); }));
    CHECK(names_this_line([] { framing::record("!k"); }));
    CHECK(names_this_line([] { framing::len8().max(1000); }));
    CHECK(names_this_line([] { framing::len16().crlf(); }));
    CHECK(names_this_line([] { framing::len16().start("x"); }));
}
