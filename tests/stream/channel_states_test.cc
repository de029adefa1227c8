// The states of a channel, without a loop: each transition of the tables in channel_states.h.
#include "weir/stream/channel_states.h"

#include <doctest/doctest.h>

using namespace weir::internal;

TEST_CASE("a receiver holds an event until it is taken, also when receiving ends meanwhile") {
    receiver_state one;
    CHECK(one.is_scanning());
    one.decoded();
    CHECK(one.is_holding());
    one.end();
    CHECK(one.is_holding());
    one.taken(true);
    CHECK(one.now() == receiver_state::value::ended);

    receiver_state quick;
    quick.hand();
    CHECK(quick.is_handing());
    quick.taken(false);
    CHECK(quick.is_scanning());
    quick.end();
    CHECK(quick.now() == receiver_state::value::ended);
}

TEST_CASE("a sender is idle again when the stream has completed") {
    sender_state one;
    CHECK_FALSE(one.is_sending());
    one.submitted();
    CHECK(one.is_sending());
    CHECK_FALSE(one.has_ended());
    one.completed();
    CHECK(one.now() == sender_state::value::idle);
}

TEST_CASE("a sender that is to end sends first what is queued, then shuts down") {
    sender_state one;
    one.submitted();
    one.end();
    CHECK(one.now() == sender_state::value::ending_sending);
    CHECK((one.is_sending() && one.is_ending() && one.has_ended() && !one.has_shut_down()));
    one.completed();
    CHECK(one.now() == sender_state::value::ending);
    one.submitted();
    one.completed();
    one.shut_down(true);
    CHECK(one.now() == sender_state::value::shutting_down);
    CHECK((one.is_sending() && one.has_shut_down() && !one.is_ending()));
    one.completed();
    CHECK(one.now() == sender_state::value::shut_down);

    sender_state at_once;
    at_once.end();
    at_once.shut_down(false);
    CHECK(at_once.now() == sender_state::value::shut_down);
    CHECK_FALSE(at_once.is_sending());
    at_once.end();
    CHECK(at_once.now() == sender_state::value::shut_down);
}

TEST_CASE("a sender that fails stays failed, and waits for what the stream has") {
    sender_state one;
    one.submitted();
    one.fail();
    CHECK(one.now() == sender_state::value::failed_sending);
    CHECK((one.is_sending() && one.has_failed() && one.has_ended()));
    one.end();
    CHECK(one.now() == sender_state::value::failed_sending);
    one.completed();
    CHECK(one.now() == sender_state::value::failed);
    one.fail();
    CHECK(one.now() == sender_state::value::failed);

    sender_state cut;
    cut.submitted();
    cut.abort();
    CHECK(cut.now() == sender_state::value::failed);
}

TEST_CASE("a close goes forward only: a service that stops, its last input, the queue, the peer's rest") {
    close_state one;
    CHECK_FALSE(one.wait());  // a receive of an open channel has no time of grace
    one.received();
    CHECK(one.now() == close_state::value::open);
    one.stop();
    CHECK((one.is_open() && one.is_stopping()));
    one.received();  // what came before a receive was submitted
    CHECK(one.now() == close_state::value::stopping);
    CHECK(one.wait());
    CHECK_FALSE(one.wait());
    one.received();
    CHECK(one.now() == close_state::value::last_input);
    one.stop();
    CHECK(one.now() == close_state::value::last_input);
    one.flush();
    CHECK_FALSE(one.is_open());
    CHECK_FALSE(one.is_stopping());
    one.stop();
    CHECK(one.now() == close_state::value::flushing);
    one.drain();
    CHECK(one.is_draining());
}
