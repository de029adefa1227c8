// All of weir.
#pragma once

#include "weir/base/address.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/base/time.h"
#include "weir/framing/decoder.h"
#include "weir/framing/encoder.h"
#include "weir/framing/framing.h"
#include "weir/socket/clock.h"
#include "weir/socket/connect_to.h"
#include "weir/socket/listen_on.h"
#include "weir/socket/option.h"
#include "weir/socket/resolve.h"
#include "weir/socket/socket.h"
#include "weir/stream/blocking_channel.h"
#include "weir/stream/message.h"
