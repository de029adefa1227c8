// A format class for a protocol that no framing text describes: FIX 4.4. A frame begins with fixed bytes, then comes
// the length in decimal digits. The trailer contains the sum of all bytes. The byte 01 ends every field; it is printed
// as |.
#include <weir/framing/laws/laws.h>

#include <algorithm>
#include <iostream>

constexpr std::string_view start = "8=FIX.4.4\0019=";
struct fix final : weir::format {
    weir::verdict measure(const weir::frame_bytes& frame, std::uint64_t& looked) const override {
        const std::string_view seen = frame.content.text();
        std::uint64_t size = 0;
        for (std::size_t i = 0; i < seen.size(); ++i) {
            if (i >= frame.searched) ++looked;
            if (i > start.size() && seen[i] == '\1') return weir::verdict::frame(i + 1, size, 7);
            const bool digit = i < start.size() + 7 && seen[i] >= '0' && seen[i] <= '9';
            if (i < start.size() ? seen[i] != start[i] : !digit) return weir::verdict::broken(i);
            if (i >= start.size()) size = 10 * size + static_cast<std::uint64_t>(seen[i] - '0');
        }
        return weir::verdict::more(seen.size() + 1);
    }
    void put_header(std::uint64_t size, weir::buffer& out) const override {
        out.append(std::string(start) + std::to_string(size) + '\1');
    }
    void put_trailer(weir::bytes_view header, weir::bytes_view body, weir::buffer& out) const override {
        unsigned sum = 0;
        for (const auto part : {header, body})
            for (const auto byte : part)
                sum += std::to_integer<unsigned>(byte);
        out.append("10=" + std::to_string(1000 + sum % 256).substr(1) + '\1');
    }
    std::string refuse_trailer(weir::bytes_view header, weir::bytes_view body, weir::bytes_view came) const override {
        if (body.data() == nullptr) return {};  // the body was over the limit and was not kept
        weir::buffer right;
        put_trailer(header, body, right);
        return came == right.view() ? refuse(body) : "its sum is " + std::string(right.view().text().substr(3, 3));
    }
    std::string refuse(weir::bytes_view body) const override {
        return body.empty() || body.text().back() == '\1' ? "" : "its last field has no end";
    }
    bool reads_all() const noexcept override { return false; }  // 9=005 has the same meaning as 9=5
};

int main() {
    const auto mine = weir::framing::custom("fix", std::make_shared<fix>()).max(100);
    weir::buffer wire;
    for (const auto* const text : {"35=0\00149=BUYER\1", "35=1\001112=ping\1"})
        if (auto done = weir::encoder(mine).encode(text, wire); !done) return done.error().print();
    std::string legible(wire.view().text());
    std::replace(legible.begin(), legible.end(), '\1', '|');
    std::cout << legible << '\n';
    wire.data()[wire.size() - 10] = std::byte{'!'};  // ping arrives as pi!g
    weir::decoder decode(mine);
    decode.feed(wire.view());
    while (decode.next().what != weir::decoder::failed)
        std::cout << "a whole message\n";
    std::cout << decode.failure().message() << '\n';
    const std::vector<weir::bytes> messages{"35=0\1", "", "35=A\001108=30\1"};
    const auto broken = weir::laws::check(*weir::laws::subject_of(mine), messages);
    std::cout << broken.value_or("all laws hold") << '\n';
    return broken ? 1 : 0;
}
