// The entry point of the test programs. The program fails if a test leaves a descriptor open.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstddef>
#include <iostream>

#include "open_descriptors.h"

// A function of the sanitizer run time (sanitizer/common_interface_defs.h); null when no sanitizer is linked.
extern "C" [[gnu::weak]] void __sanitizer_symbolize_pc(void* pc, const char* format, char* out, std::size_t size);

namespace {

using weir_test::open_descriptors;

int leaks = 0;

class descriptor_counter final : public doctest::IReporter {
public:
    explicit descriptor_counter(const doctest::ContextOptions&) {}

    void test_case_start(const doctest::TestCaseData& one) override {
        running_ = &one;
        before_ = open_descriptors();
    }
    void test_case_end(const doctest::CurrentTestCaseStats&) override {
        const std::size_t after = open_descriptors();
        if (after == before_) return;
        ++leaks;
        std::cerr << running_->m_file.c_str() << ':' << running_->m_line << ": error: \"" << running_->m_name
                  << "\" began with " << before_ << " open descriptors and left " << after << '\n';
    }

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}

private:
    const doctest::TestCaseData* running_ = nullptr;
    std::size_t before_ = 0;
};

DOCTEST_REGISTER_LISTENER("descriptors", 1, descriptor_counter);

}  // namespace

int main(int count, char** words) {
    // A sanitizer opens the pipes to its symbolizer at its first use. Use it here, so that no test opens them.
    char name[64];
    if (__sanitizer_symbolize_pc != nullptr)
        __sanitizer_symbolize_pc(__builtin_return_address(0), "%f", name, sizeof(name));
    doctest::Context context(count, words);
    const int failed = context.run();
    if (leaks != 0) std::cerr << leaks << " tests left descriptors open\n";
    return failed != 0 || leaks != 0 ? 1 : 0;
}
