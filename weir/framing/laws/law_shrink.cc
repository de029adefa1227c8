#include "weir/framing/laws/law_shrink.h"

#include <algorithm>

#include "weir/base/choices.h"

namespace weir::laws::internal {
namespace {

// The letter a is the simplest byte, as in choices::content().
constexpr std::uint8_t simplest = 'a';

// Limits the choices in all runs together, because long counterexamples take long to run.
constexpr std::size_t most_choices = 20'000'000;
std::size_t runs_for(std::size_t choices_a_run) {
    return std::clamp<std::size_t>(most_choices / std::max<std::size_t>(choices_a_run, 1), 40, 2000);
}

// Returns, for each byte, a 1, the number of cuts before the byte, and the byte. A 0 and the number of cuts after the
// last byte follow.
choices::numbers row_of(const cut_stream& failing) {
    choices::numbers row;
    const auto cuts_at = [&](std::size_t place) {
        return static_cast<std::uint64_t>(std::count(failing.where.begin(), failing.where.end(), place));
    };
    for (std::size_t i = 0; i < failing.stream.size(); ++i) {
        row.push_back(1);
        row.push_back(failing.where.empty() ? 0 : cuts_at(i));
        row.push_back(std::to_integer<std::uint64_t>(failing.stream[i]) ^ simplest);
    }
    row.push_back(0);
    row.push_back(cuts_at(failing.stream.size()));
    return row;
}

cut_stream stream_from(choices& draw) {
    cut_stream made;
    const auto cut = [&] { made.where.insert(made.where.end(), draw.below(3), made.stream.size()); };
    {
        for (auto each = draw.part(); draw.flip(); each.next()) {
            cut();
            made.stream.append(draw.content(1));
        }
    }
    cut();
    return made;
}

}  // namespace

cut_stream shrunk(const cut_stream& failing, const std::function<bool(const cut_stream&)>& fails) {
    const choices::numbers row = row_of(failing);
    choices draw =
        choices::replay(shrink(row, [&](choices& from) { return fails(stream_from(from)); }, runs_for(row.size())));
    return stream_from(draw);
}

broken_law least(bytes_view stream, const std::function<broken_law(bytes_view)>& law) {
    auto broken = law(stream);
    if (!broken) return {};
    const auto smallest = shrunk({bytes(stream), {}}, [&](const cut_stream& smaller) {
        return smaller.where.empty() && law(smaller.stream).has_value();
    });
    auto found = law(smallest.stream);
    return found ? found : broken;
}

broken_law least(std::span<const bytes> messages, const std::function<broken_law(std::span<const bytes>)>& law) {
    auto broken = law(messages);
    if (!broken) return {};
    choices::numbers row;
    for (const auto& message : messages) {
        row.push_back(1);
        for (const auto byte : message) {
            row.push_back(1);
            row.push_back(std::to_integer<std::uint64_t>(byte) ^ simplest);
        }
        row.push_back(0);
    }
    row.push_back(0);
    const auto messages_from = [](choices& draw) {
        std::vector<bytes> made;
        for (auto each = draw.part(); draw.flip(); each.next()) {
            made.emplace_back();
            for (auto byte = draw.part(); draw.flip(); byte.next()) made.back().append(draw.content(1));
        }
        return made;
    };
    choices draw = choices::replay(
        shrink(row, [&](choices& from) { return law(messages_from(from)).has_value(); }, runs_for(row.size())));
    auto found = law(messages_from(draw));
    return found ? found : broken;
}

}  // namespace weir::laws::internal
