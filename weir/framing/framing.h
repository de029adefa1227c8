// `framing`: one immutable value that describes how a byte stream is cut into messages. The decoder, the encoder and
// the laws use the same value, so they cannot disagree. A program builds a framing with functions, or parses it from
// text; both use the same words.
//
//     framing::lines()                                   lines
//     framing::len32().offset(1).counts(framing::field)  len32,offset=1,counts=field
//     framing::parse("len16le,max=4KiB")                 what a person typed
//
// grammar.h describes the text. description.h and the header of each format describe the fields.
#pragma once

#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>

#include "weir/framing/description.h"

namespace [[gnu::visibility("default")]] weir {

class format;

// Describes how a byte stream is cut into messages. Cheap to copy: the copies share one immutable description. A
// contradiction in a framing that code builds is a bug in the program: it fails a WEIR_CHECK, which prints the
// contradiction. Text comes from outside the program, so parse() returns an error instead. Thread safety: a value.
class framing {
public:
    using enum oversize_rule;
    using enum counts_rule;
    using enum end_rule;
    using enum checksum_kind;
    // The parameter `where` is the source line that a failed check prints. Programs leave it out; the default is the
    // line of the call.
    using place = std::source_location;

    // A line feed ends a message.
    static framing lines();
    // Any of these marks ends a message: 1 to most_marks marks of 1 to most_mark_bytes bytes.
    static framing delimited(std::initializer_list<bytes_view> end_marks, place where = place::current());
    // Every message has this number of bytes, 1 to most_message_bytes.
    static framing fixed(std::uint64_t bytes_a_message, place where = place::current());
    // A length of 8 to 64 bits precedes each message, most significant byte first, or least significant first (le).
    static framing len8();
    static framing len16();
    static framing len24();
    static framing len32();
    static framing len64();
    static framing len16le();
    static framing len24le();
    static framing len32le();
    static framing len64le();
    // A LEB128 length precedes each message, as in Protocol Buffers and MQTT.
    static framing varint();
    // A length in ASN.1's Basic Encoding Rules precedes each message, as in LDAP.
    static framing ber();
    // A length of this number of decimal or hexadecimal digits precedes each message: `00005hello`.
    static framing decimal(unsigned digits, place where = place::current());  // 1 to 18
    static framing hex(unsigned digits, place where = place::current());      // 1 to 16
    // A length in decimal digits and `end` precede each message: `5 hello`.
    static framing digits(bytes_view end, place where = place::current());
    // Lines of `name: value` and an empty line precede each message; the field `name` announces the size, as in the
    // Language Server Protocol.
    static framing header(std::string_view name, place where = place::current());
    // A decimal length and a colon precede each message, and a comma follows it: `5:hello,`.
    static framing netstring();
    // Each message is one record of these fields, in the notation of Python's struct, such as "!I16s" (record.h).
    static framing record(std::string_view fields, place where = place::current());
    // Unframed: a message is whatever one read returned. The sender's boundaries are lost.
    static framing chunks();
    // Unframed: a pause of at least `gap` ends a message. TCP does not keep pauses, so use this framing only for serial
    // lines.
    static framing idle(duration gap, place where = place::current());
    // A framing with a format of your own (format.h shows a complete one). `name` may contain letters, digits, `-`, `_`
    // and `.`, and must not be the name of a built-in framing. Custom framings are equal only when they share the same
    // format object. to_string() prints the name and the options; parse() does not accept that text.
    static framing custom(std::string_view name, std::shared_ptr<const format> own, place where = place::current());

    // Parses the text of a framing (grammar.h). On failure the error code is errc::malformed; the text contains the
    // wrong word and what to write instead.
    static result<framing> parse(std::string_view text);
    // Makes a framing from its fields. On failure the error code is errc::malformed; the text states the contradiction.
    static result<framing> make(description fields);

    // Each of these functions returns a new framing with one change.
    framing crlf(place where = place::current()) const;                                             // lines
    framing end(end_rule rule, place where = place::current()) const;                               // lines
    framing start(bytes_view mark, place where = place::current()) const;                           // delimited
    framing escape(std::initializer_list<substitution> all, place where = place::current()) const;  // delimited
    framing allow_overlong(place where = place::current()) const;  // varint, ber, digits
    framing mask(std::uint64_t bits_of_number, std::uint64_t flags = 0, place where = place::current()) const;  // len*
    framing times(std::uint64_t bytes_a_unit, place where = place::current()) const;                            // len*
    // These are for all framings with a length except netstring.
    framing offset(std::uint64_t bytes_before_length, place where = place::current()) const;
    framing after(std::uint64_t header_bytes_after_length, place where = place::current()) const;
    framing counts(counts_rule rule, place where = place::current()) const;
    framing allow_short(place where = place::current()) const;
    framing keep_header(place where = place::current()) const;
    framing keep_after(place where = place::current()) const;
    framing magic(bytes_view first_bytes, place where = place::current()) const;  // offset becomes at least its size
    framing trailer(bytes_view last_bytes, place where = place::current()) const;
    // These are for the kinds that grammar.h lists.
    framing max(std::uint64_t message_bytes, place where = place::current()) const;
    framing max_none(place where = place::current()) const;
    framing oversize(oversize_rule rule, place where = place::current()) const;
    framing reject_empty(place where = place::current()) const;
    framing skip_empty(place where = place::current()) const;
    framing check(checksum_kind kind, place where = place::current()) const;  // after the payload; covers the payload
    framing check(checksum_kind kind, std::uint64_t cover_from,
                  place where = place::current()) const;  // covers the frame from byte cover_from on
    framing check_order(byte_order order, place where = place::current()) const;

    // The fields, with the defaults filled in.
    const description& fields() const noexcept { return program_->fields; }
    // The size of the largest message in bytes: fields().limit(), computed once.
    std::uint64_t limit() const noexcept { return program_->limit; }
    // Returns the text that parse() turns into an equal framing. Options with default values are omitted. The text of a
    // custom framing cannot be parsed.
    std::string to_string() const;

    // The format, which all copies share.
    const format& machine() const noexcept { return *program_->machine; }

    // Compares the fields. Equal framings decode and encode alike.
    friend bool operator==(const framing& a, const framing& b) { return a.fields() == b.fields(); }
    // True when one is a copy of the other. Cheaper than ==, which compares every field.
    bool is_copy_of(const framing& other) const noexcept { return program_ == other.program_; }

private:
    struct program {
        description fields;
        std::uint64_t limit;
        std::shared_ptr<const format> machine;
    };

    explicit framing(description fields);
    static framing made(description fields, place where = place::current());

    std::shared_ptr<const program> program_;
};

// The same as framing::to_string().
inline std::string to_string(const framing& described) { return described.to_string(); }

}  // namespace weir
