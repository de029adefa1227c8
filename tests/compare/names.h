// The form of addresses in scripts and in answers. A port or an abstract name that the kernel chose is printed as the
// name of the socket that got it, `127.0.0.1:<a>`, so that two runs can be compared.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "weir/base/address.h"

namespace compare {

// Not thread-safe: the stage locks its mutex around each use.
class names {
public:
    // Records that the kernel chose this address for the socket `owner`.
    void learn(const weir::address& chosen, const std::string& owner);
    // Returns the name of the socket that has this address; empty when none is recorded.
    std::string owner(const weir::address& one) const;

    // show() returns the address with a mark in place of the kernel's choice; resolve() replaces the marks by recorded
    // names. These are separate steps, because a call in a thread may see an address before the call that got it has
    // returned.
    static std::string show(const weir::address& one);
    std::string resolve(std::string_view text) const;

    // All processes share the abstract names: each driver adds its own mark to a name, and removes it in answers.
    static std::string mark(std::string_view text);

private:
    // The family and the port; the kernel may choose the same port number in both families.
    static std::string key(const weir::address& one);
    static bool is_port(std::string_view key);
    // A socket for both families is recorded under one of them.
    std::string owner_of(std::string key) const;

    std::map<std::string, std::string> owners_;
};

}  // namespace compare
