// Converts the values of options from text. Each function returns the value, or an error whose detail is a sentence for
// the user.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <weir/base/result.h>
#include <weir/base/time.h>
#include <weir/framing/framing.h>
#include <weir/loop/backend.h>
#include <weir/service/source_limit.h>

#include "tool/command/options.h"

namespace weir_tool {

// Returns a framing that delivers whole messages. It rejects oversize=stream, because pieces could not be framed again.
weir::result<weir::framing> framing_value(const given& options, std::string_view name);

// Returns the framing with a limit of at least `bytes`, unless it has a limit of its own. So a message that the
// connection carries is not refused on standard input or standard output.
weir::framing at_least(const weir::framing& described, std::uint64_t bytes);

// Returns nothing for `none`, if the option allows that value.
weir::result<std::optional<weir::duration>> time_value(const given& options, std::string_view name);
// The same for a limit that must not be 0: 0 is an error.
weir::result<std::optional<weir::duration>> limit_value(const given& options, std::string_view name);
// io_uring, epoll or automatic.
weir::result<weir::backend_kind> backend_value(const given& options);
// At least 1.
weir::result<std::uint64_t> count_value(const given& options, std::string_view name);
// A size in the form of the framing grammar, for example 64MiB, or none; not 0.
weir::result<std::optional<std::uint64_t>> size_limit_value(const given& options, std::string_view name);
// A number, none, or the default of the library when the option is not given.
weir::result<weir::source_limit> source_limit_value(const given& options, std::string_view name);

}  // namespace weir_tool
