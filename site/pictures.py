#!/usr/bin/python3
"""pictures.py [FOLDER]: draws the pictures of the documentation into docs/pictures/, in English and Chinese.

Each function below is the source of one picture, NAME.svg and NAME.zh-CN.svg. A word is a pair (English, Chinese), or a
string that is the same in both. A test compares the files with what this program draws.
"""
import html
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]

INK, PALE, BLUE, GREEN, RED, AMBER = "#1f2933", "#eef2f6", "#0a5c9e", "#1b6e3c", "#b3261e", "#8a5a00"
FILLS = {BLUE: "#e3f0fb", GREEN: "#e4f4ea", RED: "#fbe9e7", AMBER: "#fdf3dc", INK: PALE}


class drawing:
    def __init__(self, language, width, height, title, about):
        self.language, self.width, self.height = language, width, height
        self.title, self.about = self.word(title), self.word(about)
        self.parts = []

    def word(self, pair):
        return pair if isinstance(pair, str) else pair[0 if self.language == "en" else 1]

    def text(self, x, y, words, size=14, color=INK, anchor="middle", bold=False, mono=False):
        weight = ' font-weight="600"' if bold else ""
        family = ' font-family="ui-monospace,Menlo,Consolas,monospace"' if mono else ""
        for number, line in enumerate(self.word(words).split("\n")):
            self.parts.append(f'<text x="{x}" y="{y + number * size * 1.35:.0f}" font-size="{size}" fill="{color}" '
                              f'text-anchor="{anchor}"{weight}{family}>{html.escape(line)}</text>')

    def box(self, x, y, width, height, words="", color=INK, size=14, bold=False, mono=False, dashed=False):
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="5" fill="{FILLS[color]}" '
                          f'stroke="{color}" stroke-width="1.5"{dash}/>')
        lines = self.word(words).split("\n")
        top = y + height / 2 - (len(lines) - 1) * size * 0.675 + size * 0.36
        if self.word(words):
            self.text(x + width / 2, round(top), words, size=size, bold=bold, mono=mono)

    def line(self, x1, y1, x2, y2, color=INK, arrow=True, dashed=False, width=1.6):
        end = f' marker-end="url(#to{color[1:]})"' if arrow else ""
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="{width}"'
                          f'{dash}{end}/>')

    def svg(self):
        marks = "".join(f'<marker id="to{color[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
                        f'markerHeight="7" orient="auto"><path d="M0 0 10 5 0 10z" fill="{color}"/></marker>'
                        for color in (INK, BLUE, GREEN, RED, AMBER))
        spoken = "en" if self.language == "en" else "zh-CN"
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" width="{self.width}" '
            f'height="{self.height}" role="img" aria-labelledby="title about" xml:lang="{spoken}" '
            'font-family="system-ui,-apple-system,Segoe UI,Noto Sans,Noto Sans CJK SC,sans-serif">',
            f'<title id="title">{html.escape(self.title)}</title><desc id="about">{html.escape(self.about)}</desc>',
            f"<defs>{marks}</defs>",
            f'<rect width="{self.width}" height="{self.height}" rx="8" fill="#ffffff"/>', *self.parts, "</svg>", ""])


class sequence:
    """Two or more columns, with arrows from one to another. Time runs downwards."""

    def __init__(self, on, columns, top, bottom):
        self.on, self.at = on, {}
        for name, x, words in columns:
            self.at[name] = x
            on.box(x - 75, top, 150, 30, words, bold=True)
            on.line(x, top + 30, x, bottom, arrow=False, color="#1f2933", width=1)

    def send(self, there, here, y, words, color=BLUE, lost=0.0, slope=14):
        x1, x2 = self.at[there], self.at[here]
        end = x1 + (x2 - x1) * (1 - lost)
        self.on.line(x1, y, end, y + slope, color=color)
        self.on.text((x1 + end) / 2, y - 4, words, size=13, color=color)

    def state(self, name, y, words, side, color=INK, height=24, width=150):
        x = self.at[name]
        left = x - width - 14 if side == "left" else x + 14
        self.on.box(left, y, width, height, words, color=color, size=12)


def glued(language):
    on = drawing(language, 760, 420, ("Bytes are glued and torn, messages stay whole", "字节会粘连、会拆开，消息保持完整"),
                 ("Two sends of hello and world arrive as hel and loworld over TCP; with a framing each message arrives whole.",
                  "两次发送 hello 和 world，经 TCP 到达时变成 hel 和 loworld；有了成帧，每条消息都完整到达。"))
    on.text(20, 30, ("TCP carries bytes", "TCP 传的是字节"), size=16, bold=True, anchor="start")
    on.box(20, 50, 130, 40, 'send("hello")', color=BLUE, mono=True)
    on.box(20, 100, 130, 40, 'send("world")', color=GREEN, mono=True)
    on.line(156, 95, 226, 95)
    for place, letter in enumerate("helloworld"):
        on.box(232 + place * 30, 80, 28, 30, letter, color=BLUE if place < 5 else GREEN, mono=True)
    on.text(382, 135, ("one stream of bytes, without a boundary", "一条字节流，没有边界"), size=13)
    on.line(536, 95, 590, 72)
    on.line(536, 95, 590, 118)
    on.box(596, 50, 144, 40, 'recv → "hel"', color=RED, mono=True)
    on.box(596, 100, 144, 40, 'recv → "loworld"', color=RED, mono=True, size=13)
    on.text(668, 162, ("torn, then glued", "先被拆开，又粘在一起"), size=13, color=RED)
    on.line(20, 196, 740, 196, arrow=False, width=1)
    on.text(20, 232, ("weir carries messages: framing::len8() puts a length in front", "weir 传的是消息：framing::len8() 在前面加上长度"),
            size=16, bold=True, anchor="start")
    on.box(20, 254, 130, 40, 'send("hello")', color=BLUE, mono=True)
    on.box(20, 304, 130, 40, 'send("world")', color=GREEN, mono=True)
    on.line(156, 299, 204, 299)
    for place, letter in enumerate("5hello5world"):
        color = AMBER if place in (0, 6) else BLUE if place < 6 else GREEN
        on.box(208 + place * 28, 284, 26, 30, letter, color=color, mono=True)
    on.text(376, 339, ("no matter how these bytes are split on the way", "这些字节在途中怎样拆分都一样"), size=13)
    on.line(548, 299, 590, 276)
    on.line(548, 299, 590, 322)
    on.box(596, 254, 144, 40, 'receive → "hello"', color=BLUE, mono=True, size=12)
    on.box(596, 304, 144, 40, 'receive → "world"', color=GREEN, mono=True, size=12)
    on.text(740, 366, ("each message whole, in order, once", "每条消息完整、按序、恰好一次"), size=13, color=GREEN, anchor="end")
    on.text(20, 400, ("TCP keeps the order of the bytes. It does not keep the boundaries of your sends.",
                      "TCP 保证字节的顺序，从未承诺保留每次发送的边界。"), size=13, anchor="start")
    return on


def layers(language):
    on = drawing(language, 760, 440, ("The layers of weir", "weir 的分层"),
                 ("Each layer uses those below it: your program, service, stream, coroutine, loop with its backends, sockets and framing, base.",
                  "每一层只使用它下面的层：你的程序、服务、流、协程、事件循环及其后端、套接字与成帧、基础。"))
    def row(y, cells, height=44):
        x, gap = 20, 10
        total = sum(share for share, *_ in cells)
        for share, words, color in cells:
            width = (720 - gap * (len(cells) - 1)) * share / total
            on.box(round(x), y, round(width), height, words, color=color, size=13)
            x += width + gap
    row(20, [(1, ("your program", "你的程序"), AMBER)])
    row(80, [(3, ("service: serve(), server, connect(), limits, log, stats", "service：serve()、server、connect()、上限、日志、统计"), BLUE),
             (1, ("tls (OpenSSL 3)", "tls（OpenSSL 3）"), GREEN)])
    row(140, [(1, ("stream: channel = byte stream + framing; wrappers; blocking_channel", "stream：channel = 字节流 + 成帧；包装层；blocking_channel"), BLUE)])
    row(200, [(1, ("coroutine: task, scope, queue, sleep, offload", "coroutine：task、scope、queue、sleep、offload"), BLUE)])
    row(260, [(1, ("loop: turns, timers, and the interface of a backend", "loop：轮、定时器，以及后端的接口"), BLUE)])
    row(320, [(1, ("kernel: io_uring", "kernel：io_uring"), INK), (1, ("kernel: epoll", "kernel：epoll"), INK),
              (1, ("sim: a network in virtual time", "sim：虚拟时间里的网络"), INK)])
    row(380, [(2, ("socket: the calls of the textbook", "socket：教科书里的调用"), GREEN),
              (2, ("framing: what a message is (no I/O)", "framing：什么是一条消息（不做 I/O）"), GREEN),
              (1, ("base", "base：基础类型"), INK)])
    return on


def handshake(language):
    on = drawing(language, 760, 440, ("Connecting, and the two queues of a listener", "建立连接，以及监听套接字的两个队列"),
                 ("The SYN puts the connection into the SYN queue; the last ACK moves it to the accept queue, from which accept takes it.",
                  "SYN 使连接进入半连接队列，最后的 ACK 使它进入全连接队列，accept 从中取出。"))
    steps = sequence(on, [("client", 150, ("client", "客户端")), ("kernel", 400, ("server's kernel", "服务器内核")),
                          ("program", 650, ("server's program", "服务器程序"))], 16, 390)
    on.text(716, 72, "listen()", size=13, mono=True)
    steps.send("client", "kernel", 96, "SYN")
    steps.state("client", 80, ("connect() waits", "connect() 等待"), "left", width=112)
    steps.state("kernel", 116, ("SYN queue: 1", "半连接队列：1"), "right", color=AMBER)
    steps.send("kernel", "client", 156, "SYN, ACK")
    steps.state("client", 176, ("connect()\nreturns", "connect()\n返回"), "left", height=40, width=112, color=GREEN)
    steps.send("client", "kernel", 206, "ACK")
    steps.state("kernel", 226, ("accept queue: 1", "全连接队列：1"), "right", color=AMBER)
    steps.send("client", "kernel", 276, ("data may already arrive", "数据这时就可以到达"), color=GREEN)
    steps.send("program", "kernel", 318, "accept()", color=INK)
    steps.send("kernel", "program", 350, ("the connection, with its data", "连接，连同已到的数据"), color=GREEN)
    on.text(20, 420, ("A full accept queue: Linux drops the last ACK, and the client's data is sent again later.",
                      "全连接队列满时，Linux 丢弃最后的 ACK，客户端稍后重发数据。"), size=13, anchor="start")
    return on


def endings(language):
    on = drawing(language, 760, 560, ("How a connection ends: FIN, TIME_WAIT, RST", "连接怎样结束：FIN、TIME_WAIT、RST"),
                 ("An orderly end with a FIN from each side, after which the side that closed first is in TIME_WAIT; and an end with RST.",
                  "双方各发一个 FIN 的正常结束，先关闭的一方进入 TIME_WAIT；以及由 RST 造成的结束。"))
    on.text(20, 30, ("Orderly: each side ends its own direction", "正常结束：双方各自结束自己的方向"), size=15, bold=True, anchor="start")
    steps = sequence(on, [("a", 250, ("closes first", "先关闭的一方")), ("b", 540, ("the peer", "对端"))], 44, 292)
    steps.send("a", "b", 98, "FIN")
    steps.state("a", 84, ("shutdown_send()", "shutdown_send()"), "left")
    steps.state("b", 112, ("receive(): end", "receive()：流结束"), "right")
    steps.send("b", "a", 138, ("ACK; it may still send (half-close)", "ACK；对端仍可发送（半关闭）"), color=GREEN)
    steps.send("b", "a", 188, "FIN")
    steps.state("b", 174, "close()", "right")
    steps.send("a", "b", 228, "ACK")
    steps.state("a", 232, ("TIME_WAIT, 60 s:\nthe port stays in use", "TIME_WAIT，60 秒：\n端口仍被占用"), "left", height=42, color=AMBER)
    steps.state("b", 252, ("freed at once", "立即释放"), "right")
    on.text(395, 318, ("Because of TIME_WAIT, late segments cannot enter a new connection with the same ports.",
                       "TIME_WAIT 使迟到的报文段不会混入使用相同端口的新连接。"), size=12)
    on.line(20, 338, 740, 338, arrow=False, width=1)
    on.text(20, 368, ("Reset: immediate; data on the way is lost", "重置：立即结束，途中的数据丢失"), size=15, bold=True, anchor="start")
    steps = sequence(on, [("a", 250, ("aborts", "中止的一方")), ("b", 540, ("the peer", "对端"))], 382, 540)
    steps.send("b", "a", 434, ("data", "数据"), color=GREEN)
    steps.state("a", 452, ("close() with unread\ndata, or abort()", "有未读数据时 close()，\n或 abort()"), "left", height=42, color=RED)
    steps.send("a", "b", 484, "RST", color=RED)
    steps.state("b", 486, ("ECONNRESET; unread\ndata may be dropped", "ECONNRESET；未读数据\n可能被丢弃"), "right", height=42, color=RED)
    return on


def deadlock(language):
    on = drawing(language, 760, 330, ("Two deadlocks", "两种死锁"),
                 ("Both sides wait in recv; or both wait in send because both buffers are full.",
                  "双方都在 recv 中等待；或者双方的缓冲区都满了，都在 send 中等待。"))
    on.text(20, 32, ("Both sides receive, and neither sends", "双方都在接收，都不发送"), size=15, bold=True, anchor="start")
    on.box(20, 50, 150, 50, ("client\nin recv()", "客户端\n在 recv() 中"), color=RED)
    on.box(590, 50, 150, 50, ("server\nin recv()", "服务器\n在 recv() 中"), color=RED)
    on.line(180, 60, 580, 60, dashed=True, arrow=False)
    on.line(180, 92, 580, 92, dashed=True, arrow=False)
    on.text(380, 80, ("no bytes are on the way", "途中没有任何字节"), size=13)
    on.text(380, 122, ("remedy: a deadline; a protocol that defines which side sends first", "解决办法：设置截止时间；由协议规定哪一方先发送"), size=13, color=GREEN)
    on.line(20, 146, 740, 146, arrow=False, width=1)
    on.text(20, 178, ("Both sides send, and neither receives", "双方都在发送，都不接收"), size=15, bold=True, anchor="start")
    on.box(20, 196, 150, 76, ("client\nin send()", "客户端\n在 send() 中"), color=RED)
    on.box(590, 196, 150, 76, ("server\nin send()", "服务器\n在 send() 中"), color=RED)
    for y, one, other in ((204, ("send buffer: full", "发送缓冲区：满"), ("receive buffer: full", "接收缓冲区：满")),
                          (240, ("receive buffer: full", "接收缓冲区：满"), ("send buffer: full", "发送缓冲区：满"))):
        on.box(186, y, 170, 28, one, color=AMBER, size=12)
        on.box(404, y, 170, 28, other, color=AMBER, size=12)
    on.line(358, 218, 402, 218)
    on.line(402, 254, 358, 254)
    on.text(380, 302, ("remedy: receive while you send (a task for each), or a limit on the bytes on the way",
                       "解决办法：边发送边接收（各用一个任务），或限制途中的数据量"), size=13, color=GREEN)
    return on


def awaiting(language):
    on = drawing(language, 760, 380, ("co_await on a time line", "时间线上的 co_await"),
                 ("Two tasks on one thread: each runs until it waits; the loop resumes the one whose message has arrived.",
                  "一个线程上的两个任务：各自运行到需要等待为止；哪个任务的消息到了，事件循环就恢复哪个。"))
    on.text(20, 32, ("One thread: only one of the three rows runs at a time", "一个线程：任一时刻三行中只有一行在运行"), size=15, bold=True, anchor="start")
    for y, words in ((70, ("loop", "事件循环")), (150, ("task A", "任务 A")), (230, ("task B", "任务 B"))):
        on.text(60, y + 22, words, bold=True)
        on.line(110, y + 38, 740, y + 38, arrow=False, width=1)
    def runs(y, x, width, words, color):
        on.box(x, y, width, 32, words, color=color, size=12)
    runs(150, 120, 90, ("runs", "运行"), GREEN)
    on.text(165, 210, "co_await receive()", size=11, mono=True)
    runs(230, 214, 90, ("runs", "运行"), GREEN)
    on.text(259, 290, "co_await receive()", size=11, mono=True)
    runs(70, 308, 120, ("waits in epoll", "在 epoll 中等待"), INK)
    runs(150, 432, 70, ("continues", "继续"), GREEN)
    runs(70, 506, 80, ("waits", "等待"), INK)
    runs(230, 590, 70, ("continues", "继续"), GREEN)
    runs(70, 664, 70, ("waits", "等待"), INK)
    on.line(212, 182, 428, 182, dashed=True, arrow=False, color=AMBER)
    on.text(322, 176, ("suspended: its frame keeps the variables", "已挂起：协程帧保存着变量"), size=10, color=AMBER)
    on.line(306, 262, 586, 262, dashed=True, arrow=False, color=AMBER)
    on.text(450, 256, ("suspended", "已挂起"), size=11, color=AMBER)
    on.line(430, 104, 436, 146, color=BLUE)
    on.text(500, 130, ("A's message arrived", "A 的消息到了"), size=11, color=BLUE)
    on.line(588, 104, 596, 226, color=BLUE)
    on.text(664, 130, ("B's message arrived", "B 的消息到了"), size=11, color=BLUE)
    on.line(110, 330, 740, 330)
    on.text(730, 350, ("time", "时间"), size=12, anchor="end")
    on.text(110, 350, ("Between two co_await, no other task runs on this thread.", "两个 co_await 之间，这个线程上不会运行别的任务。"), size=12, anchor="start")
    return on


def closing(language):
    on = drawing(language, 760, 350, ("How a channel closes", "通道怎样关闭"),
                 ("When the last handle is destroyed: flush, shut down, drain up to a limit, close. abort() resets at once.",
                  "最后一个句柄销毁后：发完、关闭发送方向、在上限之内排空输入、关闭。abort() 立即重置。"))
    names = (("open", "打开"), ("flush", "发完"), ("shut down", "关闭发送方向"), ("drain", "排空输入"), ("closed", "已关闭"))
    about = (("receive(), send()", "receive()、send()"), ("queued bytes go\nto the kernel", "把排队的内容\n交给内核"),
             ("the peer reads\nthe end", "对端读到\n流结束"), ("drops input until\nthe peer ends:\n1 MiB, 2 s at most", "丢弃输入，直到对端结束：\n至多 1 MiB、2 秒"),
             ("the descriptor\nis free", "描述符已释放"))
    for place, (name, words) in enumerate(zip(names, about)):
        x = 20 + place * 148
        on.box(x, 70, 128, 40, name, color=GREEN if place == 0 else INK if place == 4 else BLUE, bold=True)
        on.text(x + 64, 134, words, size=11)
        if place < 4:
            on.line(x + 129, 90, x + 146, 90)
    on.text(20, 36, ("The last handle is destroyed: nothing that was sent is lost", "最后一个句柄被销毁：已发送的内容不会丢失"), size=15, bold=True, anchor="start")
    on.line(84, 180, 84, 244, color=RED)
    on.box(20, 246, 128, 40, "abort()", color=RED, mono=True)
    on.line(150, 266, 606, 266, color=RED)
    on.box(612, 246, 128, 40, ("reset", "重置"), color=RED, bold=True)
    on.text(380, 258, ("at once: what is queued is dropped, the peer gets ECONNRESET", "立即：丢弃排队的内容，对端得到 ECONNRESET"), size=12, color=RED)
    on.text(20, 326, ("Without the drain, unread input would cause a reset, and the peer could lose the last reply.",
                      "如果不排空，未读的输入会使关闭变成重置，对端可能丢失最后的应答。"), size=12, anchor="start")
    return on


def water(language):
    on = drawing(language, 760, 380, ("High and low water", "高水位与低水位"),
                 ("The queue of a connection grows while the peer reads slowly; send waits above high water and continues below low water.",
                  "对端读得慢时连接的发送队列增长；超过高水位时 send 等待，降到低水位以下时继续。"))
    on.text(20, 32, ("Bytes queued for one connection", "一个连接排队待发的字节"), size=15, bold=True, anchor="start")
    on.line(70, 320, 740, 320)
    on.line(70, 320, 70, 60)
    on.text(736, 342, ("time", "时间"), size=12, anchor="end")
    on.line(70, 120, 740, 120, color=RED, arrow=False, dashed=True)
    on.text(78, 112, ("high water, 256 KiB", "高水位，256 KiB"), size=12, color=RED, anchor="start")
    on.line(70, 250, 740, 250, color=GREEN, arrow=False, dashed=True)
    on.text(78, 242, ("low water, 64 KiB", "低水位，64 KiB"), size=12, color=GREEN, anchor="start")
    points = [(70, 320), (150, 290), (230, 200), (300, 118), (330, 100), (400, 170), (470, 252), (540, 190), (600, 118), (625, 104), (690, 230), (728, 300)]
    path = " ".join(f"{x},{y}" for x, y in points)
    on.parts.append(f'<polyline points="{path}" fill="none" stroke="{BLUE}" stroke-width="2.5"/>')
    on.box(240, 58, 180, 30, ("send() waits here", "send() 在这里等待"), color=RED, size=12)
    on.box(430, 268, 180, 30, ("send() continues here", "send() 在这里继续"), color=GREEN, size=12)
    on.text(70, 366, ("A slow peer slows down only its own sender, and takes no memory from other connections.", "慢的对端只会拖慢发给它的一方，不会占用其他连接的内存。"), size=12, anchor="start")
    return on


def concepts(language):
    on = drawing(language, 760, 470, ("The twelve concepts of weir", "weir 的十二个概念"),
                 ("A blocking channel combines an address, a socket and a framing. On a loop, tasks in a scope use channels, which servers and wrappers create.",
                  "地址和套接字加上成帧方式构成阻塞通道；在事件循环上，作用域里的任务使用通道，通道由服务器和包装层产生。"))
    def concept(x, y, name, words, color):
        on.box(x, y, 168, 50, "", color=color)
        on.text(x + 84, y + 21, name, size=13, bold=True, mono=True)
        on.text(x + 84, y + 40, words, size=12)
    on.text(20, 30, ("values, no I/O", "值，不做 I/O"), size=12, anchor="start")
    on.text(208, 30, ("blocking", "阻塞"), size=12, anchor="start")
    on.text(396, 30, ("on the loop", "在事件循环上"), size=12, anchor="start")
    on.text(584, 30, ("services", "服务"), size=12, anchor="start")
    concept(20, 44, "result<T>", ("value or error", "值或错误"), AMBER)
    concept(20, 124, "address", ("where to find a peer", "对端在哪里"), AMBER)
    concept(20, 204, "framing", ("where messages end", "消息在哪里结束"), AMBER)
    concept(20, 284, "message", ("one whole payload", "一个完整的载荷"), AMBER)
    concept(208, 124, "socket", ("the socket calls", "套接字调用"), GREEN)
    concept(208, 204, "blocking_channel", ("socket + framing", "套接字 + 成帧"), GREEN)
    concept(396, 44, "loop", ("one thread, many events", "一个线程等待许多事件"), BLUE)
    concept(396, 124, "task<T>", ("a coroutine", "协程"), BLUE)
    concept(396, 204, "channel", ("stream + framing", "字节流 + 成帧"), BLUE)
    concept(396, 364, "scope", ("tasks that end together", "一同结束的任务"), BLUE)
    concept(584, 124, "server", ("one handler per connection", "每个连接一个处理函数"), INK)
    concept(584, 204, "wrapper", ("a layer such as TLS", "TLS 之类的一层"), INK)
    for x1, y1, x2, y2 in ((188, 149, 206, 149), (292, 174, 292, 202), (188, 229, 206, 229), (480, 94, 480, 122),
                           (480, 174, 480, 202), (584, 149, 566, 149), (584, 229, 566, 229), (668, 174, 668, 202)):
        on.line(x1, y1, x2, y2)
    on.line(104, 254, 104, 282)
    on.line(292, 254, 190, 296)
    on.line(396, 240, 190, 312)
    on.line(480, 362, 480, 256, dashed=True)
    on.text(20, 450, ("An arrow points from a concept to one that uses it, or to one that it produces.", "箭头从被使用的概念指向使用它的概念，或指向由它产生的概念。"), size=12, anchor="start")
    return on


PICTURES = (glued, layers, handshake, endings, deadlock, awaiting, closing, water, concepts)


def drawn():
    for make in PICTURES:
        for language, ending in (("en", ".svg"), ("zh", ".zh-CN.svg")):
            yield make.__name__ + ending, make(language).svg()


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "docs/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in drawn():
        (folder / name).write_text(text, encoding="utf-8")
