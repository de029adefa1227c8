#include "tests/behaviour/table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/behaviour/calls.h"

namespace behaviour {
namespace {

enum class manner { blocking, with_deadline, non_blocking };

std::string make_twice(network& on, const state& in, const call& which, manner how) {
    scene at;
    in.reach(on, at);
    static_cast<void>(on.set_blocking(at.own, how != manner::non_blocking));  // fails if `own` is closed
    const auto until = [&] { return how == manner::with_deadline && which.can_wait ? on.soon() : weir::deadline(); };
    std::string said = which.make(on, at, until());
    if (said != waits) {
        on.settle();
        // The second call may wait although the first did not, so it has a deadline.
        const std::string again =
            which.make(on, at, which.can_wait && how != manner::non_blocking ? on.soon() : until());
        if (again != said) said += ", then " + again;
    }
    on.close_all();
    return said;
}

// Outcomes that no program should rely on. They are measured, but docs/behaviour.md omits them.
struct unpinned {
    std::string_view call, state;
};

constexpr unpinned not_pinned[] = {
    {"connect", "refused"},
    {"local_address", "refused"},
    {"local_address", "refused, pending"},
};

bool is_pinned(std::string_view call, std::string_view state) {
    return std::ranges::none_of(not_pinned,
                                [&](const unpinned& one) { return one.call == call && one.state == state; });
}

// Writes one page.
class page {
public:
    page(const outcomes& ipv4, const outcomes& ipv6, const outcomes& local, language written)
        : ipv4_(ipv4), ipv6_(ipv6), local_(local), written_(written), words_(words_of(written)) {}

    std::string text() {
        text_ = words_.opening;
        table(words_.states);
        for (const auto& in : states()) line({name_of(in), written_ == language::english ? in.how : in.chinese_how});
        for (const auto& which : calls()) {
            text_.append("\n## ").append(which.name).append("\n\n");
            table(which.can_wait ? words_.waiting : words_.other);
            for (const auto& in : states()) row(which, in);
        }
        return std::move(text_);
    }

private:
    std::string name_of(const state& in) const { return written_ == language::english ? in.name : in.chinese_name; }

    void table(std::string_view head) {
        text_.append(head).append("\n|");
        for (auto columns = std::ranges::count(head, '|') - 1; columns > 0; --columns) text_ += "---|";
        text_ += '\n';
    }

    void line(const std::vector<std::string>& cells) {
        text_ += '|';
        for (const auto& cell : cells) text_.append(cell.empty() ? "" : " ").append(cell).append(" |");
        text_ += '\n';
    }

    // Adds the cells with the outcomes of one call, over TCP or on a Unix socket: two cells if the call can wait, else
    // one.
    void cells_of(const call& which, const std::string& blocking, const std::string& non_blocking,
                  std::vector<std::string>& into) const {
        const bool is_same = blocking == non_blocking;
        if (which.can_wait) {
            into.push_back(blocking);
            into.push_back(is_same ? std::string(words_.the_same) : non_blocking);
        } else {
            into.push_back(is_same ? blocking : blocking + " / " + non_blocking);
        }
    }

    std::string tcp(const place& where) const {
        const std::string &ipv4 = ipv4_.at(where), &ipv6 = ipv6_.at(where);
        return ipv4 == ipv6 ? say(ipv4, written_) : say_both(ipv4, ipv6, written_);
    }

    void row(const call& which, const state& in) {
        const place blocking{which.name, in.name, true}, non_blocking{which.name, in.name, false};
        std::vector<std::string> cells{name_of(in)};
        if (is_pinned(which.name, in.name)) {
            cells_of(which, tcp(blocking), tcp(non_blocking), cells);
        } else {
            const std::string why(words_.kernel_decides);
            cells_of(which, why, why, cells);
        }
        if (local_.at(blocking).empty()) {
            cells.emplace_back(words_.no_such_state);
            if (which.can_wait) cells.emplace_back();
        } else {
            cells_of(which, say(local_.at(blocking), written_), say(local_.at(non_blocking), written_), cells);
        }
        line(cells);
    }

    const outcomes &ipv4_, &ipv6_, &local_;
    const language written_;
    const page_words& words_;
    std::string text_;
};

}  // namespace

outcomes measure(network& on) {
    outcomes all;
    for (const auto& which : calls()) {
        for (const auto& in : states()) {
            std::string& blocking = all[{which.name, in.name, true}];
            std::string& non_blocking = all[{which.name, in.name, false}];
            if (in.needs_steps && !on.connects_in_steps()) continue;
            blocking = make_twice(on, in, which, manner::with_deadline);
            if (which.can_wait && blocking != waits) {
                const std::string without = make_twice(on, in, which, manner::blocking);
                if (without != blocking) blocking = without + " (with a deadline " + blocking + ")";
            }
            non_blocking = make_twice(on, in, which, manner::non_blocking);
        }
    }
    return all;
}

std::string write_table(const outcomes& ipv4, const outcomes& ipv6, const outcomes& local, language written) {
    return page(ipv4, ipv6, local, written).text();
}

}  // namespace behaviour
