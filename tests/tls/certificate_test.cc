// Certificates: which ones are read, which ones are refused, and the error texts.
#include "weir/tls/certificate.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/tls/authority.h"
#include "weir/tls/server.h"

using namespace weir;
using namespace weir_test;

namespace {

const authority& root() {
    static const authority one("root of tests");
    return one;
}

std::string text_of(const auto& failed) { return failed ? std::string() : failed.error().message(); }

}  // namespace

TEST_CASE("a certificate is read with its chain and its key") {
    const authority middle = root().below("the middle");
    const issued one = middle.issue({.names = {"DNS:localhost"}, .owner = "CN=leaf,O=Tests"});
    auto made = tls::certificate::from_pem(one.certificate + middle.pem(), one.key);
    REQUIRE(made);
    CHECK(made->subject() == "O=Tests,CN=leaf");
    CHECK(made->check_dates());
    const std::string together = one.certificate + one.key;
    CHECK(tls::certificate::from_pem(together, together));
}

TEST_CASE("text that is not a certificate or not a key, and a key of another certificate, are refused with a reason") {
    const issued one = root().issue({.names = {"DNS:one"}});
    const issued two = root().issue({.names = {"DNS:two"}});
    auto made = tls::certificate::from_pem("nothing", one.key);
    CHECK(text_of(made) == "read certificate: there is no certificate in it (-----BEGIN CERTIFICATE-----)");
    CHECK(made.error() == errc::malformed);
    made = tls::certificate::from_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", one.key);
    CHECK(text_of(made).starts_with("read certificate: not a valid certificate: "));
    made = tls::certificate::from_pem(one.certificate, "nothing");
    CHECK(text_of(made) == "read key: there is no private key in it (-----BEGIN PRIVATE KEY-----)");
    made = tls::certificate::from_pem(one.certificate, two.key);
    CHECK(text_of(made) ==
          "read key: the key does not belong to the certificate for one; the certificate of the key must be "
          "the first one in its file");
    CHECK(made.error() == errc::invalid);
    made = tls::certificate::from_pem(one.certificate + two.certificate, one.key);
    CHECK(text_of(made) ==
          "read certificate: the certificate for one is signed by CN=root of tests, but CN=leaf is next in the chain");
}

TEST_CASE("the error names a file that cannot be read") {
    auto made = tls::certificate::from_files("/no/such/file", "/no/such/key");
    CHECK(text_of(made) == "read /no/such/file: there is no such file");
    CHECK(made.error() == errc::not_found);
}

TEST_CASE("an encrypted key without a password is an error, and OpenSSL does not prompt for one") {
    const issued one = root().issue({});
    const std::string key = one.encrypted("secret");
    auto made = tls::certificate::from_pem(one.certificate, key);
    CHECK(text_of(made) == "read key: the key is encrypted, and no password was given");
    CHECK(made.error() == errc::not_permitted);
    made = tls::certificate::from_pem(one.certificate, key, "wrong");
    CHECK(text_of(made) == "read key: the key is encrypted, and the password is wrong");
    CHECK(tls::certificate::from_pem(one.certificate, key, "secret"));
}

TEST_CASE("a certificate that has expired or is not valid yet is refused") {
    const issued old = root().issue({.names = {"DNS:old"}, .from_days = -20, .to_days = -10});
    auto made = tls::server::make(tls::server_options(old.with()));
    CHECK(text_of(made).starts_with("set up tls: the certificate for old expired on 20"));
    CHECK(made.error() == errc::invalid);
    const issued young = root().issue({.names = {"DNS:young"}, .from_days = 10});
    made = tls::server::make(tls::server_options(young.with()));
    CHECK(text_of(made).starts_with("set up tls: the certificate for young is not valid before 20"));
}

TEST_CASE("a self-signed certificate is for the names for which it was made") {
    auto made = tls::certificate::self_signed({"example.org", "127.0.0.1", "::1"});
    REQUIRE(made);
    CHECK(made->subject() == "CN=example.org");
    CHECK(made->pin().size() == 7 + 44);
    CHECK_FALSE(tls::certificate::self_signed({}));
    CHECK_FALSE(tls::certificate::self_signed({"a,DNS:b"}));
    CHECK(tls::server::make(tls::server_options(*made)));
}

TEST_CASE("a server without a certificate, or without the authorities that it needs, is refused") {
    CHECK(text_of(tls::server::make({})) == "set up tls: a server needs a certificate");
    tls::server_options asks(root().issue({}).with());
    asks.clients = tls::client_certificate::required;
    CHECK(text_of(tls::server::make(asks)) ==
          "set up tls: clients are asked for certificates, but no authority for them is set");
    asks.client_authority_files = {"/no/such/file"};
    CHECK(text_of(tls::server::make(asks)) == "read /no/such/file: there is no such file");
}
