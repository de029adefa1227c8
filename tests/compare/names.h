// Addresses as a script writes them and as an answer prints them. What the kernel chose (a port, an abstract name) is
// printed as the name of the socket that got it, `127.0.0.1:<a>`, so that two runs compare.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "weir/base/address.h"

namespace compare {

// Not thread-safe: the stage has the lock.
class names {
public:
    // The socket `owner` has been given this address by the kernel.
    void learn(const weir::address& chosen, const std::string& owner);
    // Who got this address; empty when nobody is known.
    std::string owner(const weir::address& one) const;

    // The address with a mark where the kernel's choice stands, and a text with those marks replaced by what has been
    // learned meanwhile: a call beside the script may see an address before the call that got it has returned.
    static std::string show(const weir::address& one);
    std::string resolve(std::string_view text) const;

    // Abstract names are the machine's: each driver marks its own, and strips the mark again.
    static std::string mark(std::string_view text);

private:
    // A port with its family before it: the kernel may choose the same number in both.
    static std::string key(const weir::address& one);
    static bool is_port(std::string_view key);
    // A socket for both families is known by one of them.
    std::string owner_of(std::string key) const;

    std::map<std::string, std::string> owners_;
};

}  // namespace compare
