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

// Returns the framing with its limit raised to at least `bytes`, unless the framing sets its own limit. Standard input
// and output then do not refuse a message that the connection can carry.
weir::framing at_least(const weir::framing& described, std::uint64_t bytes);

// Returns std::nullopt for `none`, if the option allows that value.
weir::result<std::optional<weir::duration>> time_value(const given& options, std::string_view name);
// Does the same for a limit, where 0 is an error.
weir::result<std::optional<weir::duration>> limit_value(const given& options, std::string_view name);
// Accepts io_uring, epoll and automatic.
weir::result<weir::backend_kind> backend_value(const given& options);
// Accepts a number of at least 1.
weir::result<std::uint64_t> count_value(const given& options, std::string_view name);
// Accepts a size in the form of the framing grammar, for example 64MiB, or `none`; 0 is an error.
weir::result<std::optional<std::uint64_t>> size_limit_value(const given& options, std::string_view name);
// Accepts a number of at least 1, or `none`. Returns the default of the library when the option is not given.
weir::result<weir::source_limit> source_limit_value(const given& options, std::string_view name);

}  // namespace weir_tool
