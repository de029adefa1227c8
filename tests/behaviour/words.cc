#include "tests/behaviour/words.h"

#include <algorithm>
#include <stdexcept>

namespace behaviour {
namespace {

constexpr page_words english{
    R"(# What each call returns in each state of a connection

[简体中文](behaviour.zh-CN.md)

A program generates these tables: it makes every call in every state on real Linux sockets. The tests repeat the
measurement and compare it with this page. To regenerate the page, run
`build/check/release/tests/behaviour_table >docs/behaviour.md`.

- An error is a value of `weir::errc`; the page of [errors](errors.md) explains each. "The end" is an empty receive:
  the peer will send no more bytes.
- "Waits" means that the blocking call waits until the state changes, or until its deadline. The non-blocking call
  returns `would_block`.
- "A, then B" means that the same call returns A the first time and B the second time. An outcome without "then" is the
  same both times.
- Each step of a state is complete before the call is made: everything that was sent has arrived, and the replies of
  the kernel have arrived, too. Before that, a call may return another result. For example, when the peer has closed a
  TCP connection, sends succeed until the reset arrives that answers the first of them.
- TCP means IPv4 and IPv6. The tables do not show when a send waits because buffers are full: the kernel decides their
  size.

)",
    "| state | how it is reached |",
    "| state | TCP | TCP, non-blocking | Unix | Unix, non-blocking |",
    "| state | TCP | Unix |",
    "the same",
    "no such state",
    "the kernel decides",
};

constexpr page_words chinese{
    R"(# 每个调用在每种连接状态下的返回值

[English](behaviour.md)

下面的表格是程序测出来的：它在 Linux 的真实套接字上，对每种状态执行每个调用。测试会重新测量，并与本页比较。
用 `build/check/release/tests/behaviour_table zh-CN >docs/behaviour.zh-CN.md` 可以重新生成本页。

- 错误写作 `weir::errc` 的值，含义见[错误](errors.zh-CN.md)。“流结束”表示接收返回空内容，说明对端不会再发送任何数据。
- “等待”表示阻塞调用会一直等到状态改变，或者等到截止时间。非阻塞调用这时返回 `would_block`。
- “A；再次调用：B”表示第一次调用返回 A，再次执行同一个调用返回 B。没有写“再次调用”的，两次结果相同。
- 每个调用都等状态完全形成之后才执行：发送的数据都已到达，对端内核的回应也已返回。在此之前，结果可能不同。
  例如对端关闭 TCP 连接之后，发送仍会成功，直到第一次发送引起的重置到达。
- TCP 包括 IPv4 和 IPv6。缓冲区满时发送会等待，但缓冲区的大小由内核决定，所以表中没有这种情况。

)",
    "| 状态 | 如何到达 |",
    "| 状态 | TCP | TCP，非阻塞 | Unix | Unix，非阻塞 |",
    "| 状态 | TCP | Unix |",
    "同左",
    "没有这种状态",
    "由内核决定",
};

struct translation {
    std::string_view english, chinese;
};

constexpr translation translations[] = {
    {"ok", "成功"},
    {"waits", "等待"},
    {"the end", "流结束"},
    {"a connection", "一个连接"},
    {"none", "无"},
    {"as bound", "绑定的地址"},
    {"the system's choice", "系统选择的地址"},
    {"the peer's", "对端的地址"},
};

bool is_code(std::string_view word) { return word.size() > 2 && word.front() == '`' && word.back() == '`'; }

// Translates the outcome of one call: one word, or a number of bytes.
std::string one_in_chinese(std::string_view outcome) {
    constexpr std::string_view pending = "pending: ", bytes = " bytes";
    if (is_code(outcome)) return std::string(outcome);
    if (outcome.starts_with(pending)) return "待处理的错误：" + one_in_chinese(outcome.substr(pending.size()));
    if (outcome.ends_with(bytes)) return std::string(outcome.substr(0, outcome.size() - bytes.size())) + " 字节";
    const auto* const found = std::ranges::find(translations, outcome, &translation::english);
    if (found == std::end(translations))
        throw std::runtime_error("words.cc has no Chinese for: " + std::string(outcome));
    return std::string(found->chinese);
}

std::string in_chinese(std::string_view outcome) {
    constexpr std::string_view then = ", then ", with_deadline = " (with a deadline ";
    if (const auto place = outcome.rfind(with_deadline); place != std::string_view::npos && outcome.ends_with(')')) {
        const auto limited = outcome.substr(place + with_deadline.size());
        return in_chinese(outcome.substr(0, place)) + "（有截止时间：" +
               in_chinese(limited.substr(0, limited.size() - 1)) + "）";
    }
    const auto place = outcome.find(then);
    if (place == std::string_view::npos) return one_in_chinese(outcome);
    return one_in_chinese(outcome.substr(0, place)) + "；再次调用：" +
           one_in_chinese(outcome.substr(place + then.size()));
}

}  // namespace

const page_words& words_of(language which) { return which == language::english ? english : chinese; }

std::string say(std::string_view outcome, language which) {
    return which == language::english ? std::string(outcome) : in_chinese(outcome);
}

std::string say_both(std::string_view ipv4, std::string_view ipv6, language which) {
    if (which == language::english) return "IPv4: " + std::string(ipv4) + "; IPv6: " + std::string(ipv6);
    return "IPv4：" + in_chinese(ipv4) + "；IPv6：" + in_chinese(ipv6);
}

}  // namespace behaviour
