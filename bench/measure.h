// Compares two implementations A and B of the same work, on a machine that other programs use too. It measures the CPU
// time of one pinned thread, in pairs of runs A B, B A, A B ..., and reports the median of the pairs' ratios with a 95%
// interval. A control compares A with itself first. If the control is off by more than 2%, the machine is too noisy,
// and the result is marked as not claimed.
//
//     comparison seen = compare(split_by_hand, split_by_weir);   each is called with a number of passes
//     print_row("64 B", seen, messages_a_pass, {goal::time, 1.5});
#pragma once

#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "weir/base/check.h"
#include "weir/base/internal/random.h"

namespace bench {

constexpr std::size_t pairs = 21;      // at least 15 for a claim
constexpr double run_seconds = 0.010;  // the least time of a run
constexpr double noise = 0.02;         // how far the control may be off
constexpr int tries = 5;               // attempts at a comparison while the machine is too noisy

// A median, and its 95% confidence interval from `low` to `high`.
struct estimate {
    double median, low, high;
};

struct comparison {
    estimate control;      // time of A over time of A
    estimate time;         // time of B over time of A
    double base_seconds;   // CPU time of a pass, the median: of A,
    double other_seconds;  // and of B

    bool noisy() const { return std::abs(control.median - 1) > noise; }
};

struct goal {
    enum kind { none, time, throughput };  // an upper limit of B's time over A's; a lower one of A's over B's

    kind of = none;
    double bound = 0;
};

// Prevents the compiler from moving or merging work across this call: it must assume that memory has changed.
inline void forget() { asm volatile("" ::: "memory"); }

// Pins the thread to the core that it runs on now.
inline void pin() {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    WEIR_CHECK(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
}

inline double cpu_seconds() {
    timespec now;
    WEIR_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0, "clock_gettime");
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Run>
double time_of(Run& run, unsigned passes) {
    const double begin = cpu_seconds();
    run(passes);
    return cpu_seconds() - begin;
}

inline double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

// The bootstrap: the medians of many draws, with replacement, from the same values.
inline estimate estimate_median(const std::vector<double>& values) {
    constexpr std::size_t draws = 2000;
    weir::internal::random_source random(1);
    std::vector<double> drawn(values.size());
    std::vector<double> medians;
    for (std::size_t i = 0; i < draws; ++i) {
        for (double& value : drawn) value = values[random.below(values.size())];
        medians.push_back(median(drawn));
    }
    std::sort(medians.begin(), medians.end());
    return {median(values), medians[draws / 40], medians[draws - 1 - draws / 40]};
}

// Returns the ratio of the times, `other` divided by `base`, from pairs of runs. Appends the times of `base` to
// `base_times`, and those of `other` to `other_times`.
template <class Base, class Other>
estimate measure_ratio(Base& base, Other& other, unsigned passes, std::vector<double>& base_times,
                       std::vector<double>& other_times) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < pairs; ++i) {
        const bool other_first = i % 2 == 1;
        const double early = other_first ? time_of(other, passes) : time_of(base, passes);
        const double late = other_first ? time_of(base, passes) : time_of(other, passes);
        const double base_time = other_first ? late : early;
        const double other_time = other_first ? early : late;
        base_times.push_back(base_time);
        other_times.push_back(other_time);
        ratios.push_back(other_time / base_time);
    }
    return estimate_median(ratios);
}

template <class Base, class Other>
comparison compare(Base&& base, Other&& other) {
    unsigned passes = 1;
    while (time_of(base, passes) < run_seconds) passes *= 2;
    time_of(other, passes);  // warms the caches for `other`, too
    for (int attempt = 1;; ++attempt) {
        std::vector<double> base_times;
        std::vector<double> other_times;
        std::vector<double> unused;  // of the control
        comparison seen;
        seen.control = measure_ratio(base, base, passes, unused, unused);
        seen.time = measure_ratio(base, other, passes, base_times, other_times);
        seen.base_seconds = median(base_times) / passes;
        seen.other_seconds = median(other_times) / passes;
        if (!seen.noisy() || attempt == tries) return seen;
    }
}

inline void print_heading(const char* base, const char* other) {
    std::printf("%-46s %8s %8s   %-21s %11s  %6s\n", "ns a message", base, other, "time ratio [95%]", "throughput",
                "A/A");
}

// Prints a line of the table. Returns false if a goal was missed, or if the machine was too noisy for a result.
inline bool print_row(const std::string& name, const comparison& seen, std::size_t messages, goal wanted) {
    const double ns = 1e9 / static_cast<double>(messages);
    std::printf("%-46s %8.2f %8.2f   %5.3f [%5.3f, %5.3f] %10.2fx  %6.3f", name.c_str(), seen.base_seconds * ns,
                seen.other_seconds * ns, seen.time.median, seen.time.low, seen.time.high, 1 / seen.time.median,
                seen.control.median);
    bool good = !seen.noisy();
    if (wanted.of != goal::none) {
        const bool by_time = wanted.of == goal::time;
        const bool reached = by_time ? seen.time.median <= wanted.bound : 1 / seen.time.median >= wanted.bound;
        good = good && reached;
        std::printf("  goal: %s %gx: %s", by_time ? "time <=" : "throughput >=", wanted.bound,
                    seen.noisy() ? "not claimed"
                    : reached    ? "reached"
                                 : "MISSED");
    }
    std::printf("%s\n", seen.noisy() ? "  (too noisy)" : "");
    std::fflush(stdout);
    return good;
}

}  // namespace bench
