// The class `choices` makes all decisions that vary between the runs of a test: which message to send, where to cut it,
// which fault to inject, which task to run first. A program that uses it for all decisions can run from a seed, from a
// fuzzer's bytes, or through every possible sequence of choices. The numbers that were chosen in a run are its row.
// Replaying the row repeats the run. If the run fails, shrink() finds a shorter row with smaller numbers that still
// fails.
//
//     choices draw = choices::random(seed);
//     for (auto more = draw.part(); draw.flip(); more.next()) messages.push_back(draw.content(draw.below(20)));
//     if (fails(messages)) puts(choices::say(shrink(draw.row(), again)).c_str());       // choices 1,3,0*3,0
//
// A choice is a number below a bound, and 0 is the simplest choice: no fault, the end of a list, the least value. Write
// the program so that its simplest run is all zeros and a choice of 0 ends each list. With part(), mark the choices
// that can be left out as a whole.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/bytes.h"
#include "weir/base/internal/random.h"

namespace [[gnu::visibility("default")]] weir {

// Makes decisions and records them. Thread safety: one thread at a time. A copy continues the same run independently.
class choices {
public:
    // The numbers of a run, in the order in which they were chosen.
    using numbers = std::vector<std::uint64_t>;

    // The choices of a run in their order, and the parts of the run.
    struct record {
        // One choice.
        struct choice {
            std::uint64_t value = 0;  // the chosen number
            std::uint64_t bound = 1;  // value is below it
        };
        // Consecutive choices that belong together. `begin` and `end` are indexes in `made`.
        struct stretch {
            std::size_t begin = 0;  // the first one
            std::size_t end = 0;    // one past the last one
        };

        std::vector<choice> made;    // in the order of the run
        std::vector<stretch> parts;  // marked by part()
    };

    // Takes the numbers from a generator with this seed. Equal seeds give equal choices on every machine.
    static choices random(std::uint64_t seed);
    // Takes the numbers from `row`, in their order. A number that is not below the bound is replaced by the largest
    // number that is. After the last number every choice is 0.
    static choices replay(numbers row);
    // Takes the numbers from the bytes of a fuzzer. Each choice uses as many bytes as its bound needs. After the last
    // byte every choice is 0.
    static choices fuzzed(bytes_view content);

    // Returns a number below `bound`, which must be at least 1.
    std::uint64_t below(std::uint64_t bound);
    // Returns a number from `least` to `most`, both included; `least` is the simplest.
    std::uint64_t between(std::uint64_t least, std::uint64_t most);
    // Returns true or false; false is the simplest.
    bool flip() { return below(2) == 1; }
    // Returns true in one of `times` calls, on average, and never if `times` is 1; false is the simplest.
    bool one_in(std::uint64_t times) { return below(times) + 1 == times && times != 1; }
    // Returns one element of `all`; the first is the simplest.
    template <class Range>
    decltype(auto) one_of(const Range& all) {
        return all[static_cast<std::size_t>(below(std::size(all)))];
    }
    // Returns `size` bytes. The letter a is the simplest byte, so that shrunk content is readable.
    bytes content(std::size_t size);

    // The choices that are made while this object exists form one part of the run; next() ends that part and begins
    // another one. Shrinking can leave out a part as a whole.
    class scope {
    public:
        // choices::part() makes one. `source` must outlive this object.
        explicit scope(choices& source) : source_(source), begin_(source.record_.made.size()) {}
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { end(); }
        // Ends this part, and begins another one.
        void next() {
            end();
            begin_ = source_.record_.made.size();
        }

    private:
        void end();

        choices& source_;
        std::size_t begin_;
    };
    // Begins a part of the run, which ends when the returned object is destroyed.
    scope part() { return scope(*this); }

    // made() returns the choices so far, with their bounds and parts. row() returns only the numbers, for replay().
    const record& made() const noexcept { return record_; }
    numbers row() const;

    // Starts over with the next row. Calls in a loop go through all rows that the program can make. Returns false after
    // the last row. Begin with replay({}): do { program(draw); } while (draw.next_row());
    bool next_row();

    // Prints a row: "3,0*17,5" has seventeen zeros in the middle, and "-" is the empty row. parse() reads this form and
    // returns nothing for any other text.
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
    std::size_t used_ = 0;  // the position in row_ or in content_
    record record_;
};

// Returns a row for which `fails` returns true, as it does for `failing`. The row has as few choices and as small
// numbers as shrink() can find. It calls `fails` at most `most_runs` times. The result of `fails` must depend on the
// choices alone. If `fails` itself calls shrink(), the inner call returns its row unchanged, because `fails` needs no
// shrunk row.
choices::numbers shrink(const choices::numbers& failing, const std::function<bool(choices&)>& fails,
                        std::size_t most_runs = 10'000);

}  // namespace weir
