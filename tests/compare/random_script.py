#!/usr/bin/env python3
"""random_script.py SEED: prints a script of random calls. No call can block for ever: a call that could wait is
non-blocking or has a deadline. The script sends too little to fill a buffer, because the kernel decides its size."""
import random
import sys

FAMILIES = ("ipv4", "ipv6", "local")
SENDING = ("send", "send", "send_all")
DATA = ('""', '"x"', '"hello"', '"\\x00\\xff\\n"', '1000*"ab"', '100*"0123456789"')


class Draw:
    def __init__(self, seed):
        self.seed, self.pick = seed, random.Random(seed)
        self.lines, self.sockets, self.listeners = [f"# seed {seed}"], [], []
        self.families, self.count = {}, 0

    def name(self, kind):
        self.count += 1
        return f"{kind}{self.count}"

    def one(self):
        return self.pick.choice(self.sockets)

    def address(self, family):
        if family == "local":
            return f"unix:random-{self.seed}-{self.name('s')}.sock"
        return "127.0.0.1:0" if family == "ipv4" else "[::1]:0"

    def say(self, line):
        self.lines.append(line)

    def open(self):
        name, family = self.name("f"), self.pick.choice(FAMILIES)
        self.say(f"{name} = open {family} stream")
        self.say(f"blocking {name} no")
        self.sockets.append(name)
        self.families[name] = family
        return name, family

    def listener(self):
        name, family = self.open()
        self.say(f"bind {name} {self.address(family)}")
        self.say(f"listen {name} {self.pick.randrange(4, 20)}")
        self.listeners.append((name, family))

    def connection(self):
        """A client and its peer. They are connected, unless the listener was closed or shut down before."""
        listener, family = self.pick.choice(self.listeners)
        client, peer = self.name("b"), self.name("c")
        self.say(f"{client} = open {family} stream")
        self.say(f"blocking {client} no")
        self.say(f"connect {client} {listener}")
        self.say(f"{peer} = open {family} stream  # stays, if there is nothing to accept")
        self.say(f"{peer} = accept {listener}")
        self.say(f"blocking {peer} no")
        self.sockets += [client, peer]
        self.families[client] = self.families[peer] = family

    def datagrams(self):
        """Two sockets that are connected to each other, or of which only one is connected to the other."""
        kind, family = self.pick.choice((("datagram", self.pick.choice(FAMILIES)), ("seqpacket", "local")))
        one, other = self.name("g"), self.name("h")
        if family == "local" and self.pick.random() < 0.5:
            self.say(f"{one} {other} = pair {kind}")
        else:
            self.say(f"{one} = open {family} {kind}")
            self.say(f"{other} = open {family} {kind}")
            self.say(f"bind {one} {self.address(family)}")
            if self.pick.random() < 0.5:
                self.say(f"bind {other} {self.address(family)}")
            self.say(f"blocking {other} no")
            self.say(f"connect {other} {one}")
            if self.pick.random() < 0.5:
                self.say(f"connect {one} {other} within 2ms")
        for name in (one, other):
            self.say(f"blocking {name} no")
            self.families[name] = family
        self.sockets += [one, other]

    def transfer(self):
        which = self.one()
        within = self.pick.choice(("", "", "", " within 2ms"))
        if self.pick.random() < 0.5:
            self.say(f"{self.pick.choice(SENDING)} {which} {self.pick.choice(DATA)}{within}")
        else:
            self.say(f"receive {which} {self.pick.choice((1, 5, 100, 100000))}{within}")

    def ending(self):
        which = self.one()
        self.say(self.pick.choice((f"shutdown {which} send", f"shutdown {which} receive", f"shutdown {which} both",
                                   f"close {which}", f"set {which} linger 0s")))

    def asking(self):
        verb = self.pick.choice(("local", "peer", "state", "get {} error", "get {} accepting", "get {} linger"))
        which = self.one()
        self.say(verb.format(which) if "{" in verb else f"{verb} {which}")

    def out_of_place(self):
        """A call on any socket, in any state."""
        which = self.one()
        self.say(self.pick.choice((f"listen {which} 3", f"{self.name('d')} = accept {which}",
                                   f"bind {which} {self.address(self.families[which])}", f"set {which} keep_alive yes", f"blocking {which} no")))


def make(seed):
    draw = Draw(seed)
    draw.listener()
    draw.connection()
    steps = (draw.transfer,) * 10 + (draw.ending,) * 3 + (draw.asking,) * 3 + (draw.out_of_place,) * 2 + (
        draw.connection,) * 2 + (draw.listener, draw.open, draw.datagrams, draw.datagrams)
    for _ in range(40):
        draw.pick.choice(steps)()
    return "\n".join(draw.lines) + "\n"


if __name__ == "__main__":
    print(make(int(sys.argv[1])), end="")
