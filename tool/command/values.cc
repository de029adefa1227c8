#include "tool/command/values.h"

#include <fmt/format.h>

#include <algorithm>

#include <weir/base/text.h>

#include "tool/command/talk.h"

namespace weir_tool {
namespace {

weir::error refuse(std::string sentence) { return weir::error(weir::errc::malformed, {}, {}, std::move(sentence)); }

}  // namespace

weir::result<weir::framing> framing_value(const given& options, std::string_view name) {
    const std::string_view text = options.text(name);
    auto described = weir::framing::parse(text);
    if (!described) {
        const auto& why = described.error();
        return refuse(fmt::format("{} {}: {}", why.operation(), show(text), why.detail()));
    }
    if (described->fields().oversize == weir::framing::stream) {
        return refuse(
            fmt::format("--{} {}: oversize=stream hands a message out in pieces, which cannot be framed again; "
                        "use oversize=close or oversize=skip, or a larger max=",
                        name, text));
    }
    return described;
}

weir::framing at_least(const weir::framing& described, std::uint64_t bytes) {
    weir::description fields = described.fields();
    const bool one_size = fields.kind == weir::framing_kind::fixed || fields.kind == weir::framing_kind::record;
    if (one_size || fields.max || fields.limit() >= bytes) return described;
    fields.max = bytes;
    auto wider = weir::framing::make(std::move(fields));  // fails when the length field cannot encode the limit
    return wider ? *std::move(wider) : described;
}

weir::result<std::optional<weir::duration>> time_value(const given& options, std::string_view name) {
    const std::string_view text = options.text(name);
    const option* known = nullptr;
    for (const auto& one : options.which().options) {
        if (one.name == name) known = &one;
    }
    const bool none_allowed = known != nullptr && known->value.ends_with("|none");
    if (text == "none" && none_allowed) return std::optional<weir::duration>();
    const auto time = weir::parse_duration(text);
    if (time) return std::optional(*time);
    return refuse(
        fmt::format("--{} {}: {}{}", name, show(text), time.error().detail(), none_allowed ? ", or none" : ""));
}

weir::result<std::optional<weir::duration>> limit_value(const given& options, std::string_view name) {
    auto time = time_value(options, name);
    if (!time || !*time || **time > weir::duration::zero()) return time;
    return refuse(fmt::format("--{} {}: a limit of 0 would end everything at once; write none for no limit", name,
                              show(options.text(name))));
}

weir::result<std::optional<std::uint64_t>> size_limit_value(const given& options, std::string_view name) {
    const std::string_view text = options.text(name);
    if (text == "none") return std::optional<std::uint64_t>();
    const auto size = weir::parse_size(text);
    if (!size) return refuse(fmt::format("--{} {}: {}, or none", name, show(text), size.error().detail()));
    if (*size > 0) return std::optional(*size);
    return refuse(fmt::format("--{} {}: a limit of 0 would let nothing in; write none for no limit", name, show(text)));
}

weir::result<weir::backend_kind> backend_value(const given& options) {
    const std::string_view text = options.text("backend");
    for (const auto which : {weir::backend_kind::automatic, weir::backend_kind::io_uring, weir::backend_kind::epoll}) {
        if (text == weir::to_string(which)) return which;
    }
    return refuse(fmt::format("--backend {}: must be io_uring, epoll or automatic", show(text)));
}

weir::result<std::uint64_t> count_value(const given& options, std::string_view name) {
    const std::string_view text = options.text(name);
    const auto number = weir::parse_unsigned(text);
    if (number && *number > 0) return *number;
    return refuse(fmt::format("--{} {}: must be a number of at least 1", name, show(text)));
}

weir::result<weir::source_limit> source_limit_value(const given& options, std::string_view name) {
    if (!options.said(name)) return weir::source_limit();
    const std::string_view text = options.text(name);
    if (text == "none") return weir::source_limit(std::nullopt);
    const auto number = weir::parse_unsigned(text);
    if (number && *number > 0) return weir::source_limit(*number);
    return refuse(fmt::format("--{} {}: must be a number of at least 1, or none", name, show(text)));
}

}  // namespace weir_tool
