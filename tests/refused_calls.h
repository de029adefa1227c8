// Makes system calls fail, with a seccomp(2) filter. The filter applies to the calling thread and cannot be removed.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <array>
#include <cstddef>
#include <optional>

namespace weir_test {

// The system call to refuse. If `second` is set, only calls whose second argument has this value are refused. This
// argument is the operation of io_uring_register(2), or the count of io_uring_enter(2).
struct refused_call {
    unsigned number;
    std::optional<unsigned> second = std::nullopt;
};

// Returns false when the filter cannot be installed. It works only on little-endian machines: x86-64 and arm64.
inline bool refuse(refused_call what, unsigned error_number) {
    const unsigned refusal = SECCOMP_RET_ERRNO | error_number;
    std::array<sock_filter, 6> program{{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what.number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, what.second.value_or(0), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, refusal),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    }};
    if (!what.second) program[3] = BPF_STMT(BPF_RET | BPF_K, refusal);
    const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace weir_test
