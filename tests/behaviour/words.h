// The words of docs/behaviour.md and docs/behaviour.zh-CN.md. Measured outcomes are in English, and are translated for
// the Chinese page.
#pragma once

#include <string>
#include <string_view>

namespace behaviour {

enum class language { english, chinese };

// The sentences and headings of a page.
struct page_words {
    std::string_view opening;  // the title and the text above the first table
    std::string_view states;   // the head of the table of states
    std::string_view waiting;  // the head of the table of a call that can wait
    std::string_view other;    // the head of the table of another call
    std::string_view the_same;
    std::string_view no_such_state;
    std::string_view kernel_decides;
};

const page_words& words_of(language which);

// Returns an outcome in the words of the page. Throws std::runtime_error when a word has no translation.
std::string say(std::string_view outcome, language which);
// Returns two different outcomes, of IPv4 and of IPv6, as one text.
std::string say_both(std::string_view ipv4, std::string_view ipv6, language which);

}  // namespace behaviour
