// Choices: the one source of every decision that is not fixed: which message, where to cut, which fault, who goes
// first. A program that takes all its decisions from here can be run from a seed, from a fuzzer's bytes, or through
// every row of choices there is; what it chose is recorded as a row of numbers, which runs it again, and which shrink()
// makes shorter and smaller while it still fails.
//
//     choices draw = choices::random(seed);
//     for (auto more = draw.part(); draw.flip(); more.next()) messages.push_back(draw.content(draw.below(20)));
//     if (fails(messages)) puts(choices::say(shrink(draw.row(), again)).c_str());       // choices 1,3,0*3,0
//
// A choice is a number below a bound, and 0 is the simplest: no fault, no more, the least. So write a program such that
// zeros are its plainest run, end lists by a choice of 0, and mark with part() what can be left out as a whole.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/internal/random.h"

namespace [[gnu::visibility("default")]] weir {

// Thread safety: one thread at a time. Copy it to fork it.
class choices {
public:
    using numbers = std::vector<std::uint64_t>;

    // What was chosen, in order; and which stretches of it belong together.
    struct record {
        struct choice {
            std::uint64_t value = 0;
            std::uint64_t bound = 1;  // value is below it
        };
        struct stretch {
            std::size_t begin = 0;
            std::size_t end = 0;
        };

        std::vector<choice> made;
        std::vector<stretch> parts;
    };

    static choices random(std::uint64_t seed);
    // The numbers in turn. One that is too large here counts as the largest possible; behind the last one all are 0.
    static choices replay(numbers row);
    // What a fuzzer made up: as many bytes as the bound needs are taken for each choice; behind the last one all are 0.
    static choices fuzzed(bytes_view content);

    // A number below `bound` (at least 1).
    std::uint64_t below(std::uint64_t bound);
    // A number from `least` to `most`, both included; `least` is the simplest.
    std::uint64_t between(std::uint64_t least, std::uint64_t most);
    // False is simpler.
    bool flip() { return below(2) == 1; }
    // True once in `times`, on average.
    bool one_in(std::uint64_t times) { return below(times) + 1 == times && times != 1; }
    // One of these; the first is the simplest.
    template <class Range>
    decltype(auto) one_of(const Range& all) {
        return all[static_cast<std::size_t>(below(std::size(all)))];
    }
    // So many bytes. The letter a is the simplest, so that what was shrunk can be read.
    bytes content(std::size_t size);

    // From here to next() or its end is one part of the run: shrinking leaves it out as a whole.
    class scope {
    public:
        explicit scope(choices& source) : source_(source), begin_(source.record_.made.size()) {}
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { end(); }
        void next() {
            end();
            begin_ = source_.record_.made.size();
        }

    private:
        void end();

        choices& source_;
        std::size_t begin_;
    };
    scope part() { return scope(*this); }

    const record& made() const noexcept { return record_; }
    numbers row() const;

    // Starts over with the row of choices that follows this one, when all that the program can make are put in order;
    // false when this was the last one. Begin with replay({}): do { program(draw); } while (draw.next_row());
    bool next_row();

    // "3,0*17,5": seventeen zeros in the middle. "-" is the empty row. parse() gives nothing for any other text.
    static std::string say(const numbers& row);
    static std::optional<numbers> parse(std::string_view text);

private:
    enum class source : std::uint8_t { random, row, bytes };

    explicit choices(source from) : from_(from) {}
    std::uint64_t drawn(std::uint64_t bound);

    source from_;
    internal::random_source random_{0};
    numbers row_;
    bytes content_;
    std::size_t used_ = 0;  // of row_ or of content_
    record record_;
};

// A row that makes `fails` true as this one does, but is as short, and has as small numbers, as can be found by running
// it at most `most_runs` times. `fails` must be a function of the choices alone; a shrink() within it gives its row
// back as it is, because only whether it fails is asked.
choices::numbers shrink(const choices::numbers& failing, const std::function<bool(choices&)>& fails,
                        std::size_t most_runs = 10'000);

}  // namespace weir
