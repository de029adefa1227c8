// The values of options, from text to what they mean. Each either gives the value, or an error whose detail is the
// sentence for the person who typed it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <weir/base/result.h>
#include <weir/base/time.h>
#include <weir/framing/framing.h>
#include <weir/loop/backend.h>
#include <weir/service/source_limit.h>

#include "options.h"

namespace weir_tool {

// A framing that this version speaks, and that hands out whole messages: pieces (oversize=stream) could not be framed
// again.
weir::result<weir::framing> framing_value(const given& options, std::string_view name);

// The framing with a limit of at least `bytes`, unless it has one of its own: what the connection carries should not
// be refused on the way from standard input or to standard output.
weir::framing at_least(const weir::framing& described, std::uint64_t bytes);

// `none` is nothing, for those options whose value says so.
weir::result<std::optional<weir::duration>> time_value(const given& options, std::string_view name);
// The same for a limit that nobody could keep if it were 0: that is refused.
weir::result<std::optional<weir::duration>> limit_value(const given& options, std::string_view name);
// io_uring, epoll or automatic.
weir::result<weir::backend_kind> backend_value(const given& options);
// At least 1.
weir::result<std::uint64_t> count_value(const given& options, std::string_view name);
// A size as the framing grammar has it, 64MiB, or none; not 0.
weir::result<std::optional<std::uint64_t>> size_limit_value(const given& options, std::string_view name);
// A number, none, or what the library takes when nothing is said.
weir::result<weir::source_limit> source_limit_value(const given& options, std::string_view name);

}  // namespace weir_tool
