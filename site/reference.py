"""The pages of the API reference: which public header belongs to which topic, and which declarations are shown.

Each public header of weir/CMakeLists.txt that is not in a folder `internal` belongs to one topic; coverage() returns
those that do not. The declarations of a header come from Doxygen's XML.
"""
import collections
import pathlib
import re
import xml.etree.ElementTree as xml

TOP = pathlib.Path(__file__).resolve().parents[1]

topic = collections.namedtuple("topic", "key english chinese about_english about_chinese headers")

TOPICS = (
    topic("values", "Values and errors", "值与错误",
          "The arguments and results of all calls: bytes, addresses, times, results and errors.",
          "各个调用接受和返回的值：字节、地址、时间、结果和错误。",
          """base/bytes.h base/buffer.h base/address.h base/time.h base/result.h base/error.h base/text.h base/check.h
          base/version.h base/language.h"""),
    topic("sockets", "Sockets", "套接字",
          "The blocking socket calls that the textbook explains, with deadlines and typed errors.",
          "教科书所讲的阻塞调用，支持截止时间，返回带错误码的错误。",
          """socket/socket.h socket/socket_type.h socket/transfer_options.h socket/datagram.h socket/raw.h
          socket/option.h socket/option_values.h socket/connect_to.h socket/listen_on.h socket/names/resolve.h
          socket/names/interface.h socket/kernel_view.h socket/credentials.h socket/descriptor.h socket/clock.h"""),
    topic("framing", "Framings", "成帧",
          "The definition of a message: a framing, its decoder and encoder, and your own formats.",
          "规定一条消息在哪里结束：成帧方式、它的解码器和编码器，以及自定义格式。",
          """framing/framing.h framing/grammar.h framing/description.h framing/decoder.h framing/decoder_memory.h
          framing/encoder.h framing/format.h framing/formats/checksum.h"""),
    topic("records", "Records", "记录",
          "Fields of fixed size with a byte order, as in Python's `struct`.",
          "字段长度固定，字节序明确，打包结果与 Python 的 `struct` 逐字节相同。",
          "framing/record/record.h framing/record/record_codec.h framing/record/record_field.h"),
    topic("coroutines", "Coroutines and the loop", "协程与事件循环",
          "Tasks, scopes, queues and timers on one thread, and work on other threads.",
          "一个线程上的任务、作用域、队列和定时器，以及交给其他线程的工作。",
          """coroutine/task.h coroutine/awaitable.h coroutine/run.h coroutine/scope.h coroutine/when.h
          coroutine/sleep.h coroutine/queue.h coroutine/started.h coroutine/offload.h coroutine/next_signal.h
          coroutine/loop_thread.h loop/loop.h loop/timer.h loop/loop_memory.h"""),
    topic("channels", "Channels and messages", "通道与消息",
          "A byte stream and a framing: it receives and sends whole messages.",
          "字节流加成帧方式：收发完整的消息。",
          """stream/channel.h stream/message.h stream/blocking_channel.h stream/datagram_channel.h
          stream/channel_limits.h stream/peer_info.h stream/peer_facts.h stream/shared_payload.h stream/adopt.h
          stream/detached.h"""),
    topic("servers", "Servers and clients", "服务器与客户端",
          "Servers with limits on their connections, clients, and the statistics of both while they run.",
          "对连接设有上限的服务器、客户端，以及两者运行期间的统计数据。",
          """service/serve.h service/server.h service/server_options.h service/server_loops.h service/connect.h service/handler.h
          service/limits.h service/source_limit.h service/server_log.h service/server_stats.h
          kernel/line_writer.h kernel/line_quota.h
          stream/stats/channel_stats.h stream/stats/client_stats.h stream/stats/connection_stats.h"""),
    topic("tls", "TLS", "TLS", "The component `weir::tls`.", "组件 `weir::tls`。",
          "tls/tls.h tls/client.h tls/server.h tls/options.h tls/certificate.h"),
    topic("streams", "Streams and wrappers", "字节流与包装层",
          "The extension points: your own stream, and a protocol layer between the socket and the messages.",
          "扩展点：自定义的字节流，以及位于套接字与消息之间的协议层。",
          """stream/wrapper.h stream/handshake.h stream/stream_pair.h loop/byte_stream.h loop/borrowed_buffer.h
          loop/outcome.h loop/send_queue.h loop/acceptor.h loop/datagram_port.h loop/backend.h
          kernel/open_backend.h"""),
    topic("simulation", "The simulated network", "模拟网络",
          "The same program in virtual time, where a seed repeats every failure.",
          "让同一个程序在虚拟时间里运行，每次故障都可以用随机种子重现。",
          "sim/network.h sim/network_options.h base/choices.h"),
    topic("laws", "The laws of framings", "成帧的定律",
          "The tests that every framing passes; use them for your own decoder.",
          "每种成帧方式都必须通过的测试，也可用于你自己的解码器。",
          "framing/laws/laws.h framing/laws/subject.h"),
)


def public_headers():
    """Returns the headers of weir/CMakeLists.txt that are installed and for users."""
    text = (TOP / "weir/CMakeLists.txt").read_text(encoding="utf-8")
    lists = re.findall(r"set\((\w*headers)\n(.*?)\)", text, flags=re.S)
    listed = [name for kind, names in lists if "private" not in kind for name in names.split()]
    return [name for name in listed if name.endswith(".h") and "/internal/" not in name and name != "weir.h"]


def coverage():
    """Yields the errors in the lists of headers of the topics."""
    shown = collections.Counter(name for one in TOPICS for name in one.headers.split())
    exist = set(public_headers())
    yield from (f"{name} is a public header, and in no topic of site/reference.py" for name in exist - set(shown))
    yield from (f"{name} is in a topic of site/reference.py, and no public header" for name in set(shown) - exist)
    yield from (f"{name} is in {times} topics of site/reference.py" for name, times in shown.items() if times > 1)


def declared(folder):
    """Returns {header: [(line, directive, name)]} for the declarations in namespaces, from the XML in `folder`."""
    found = collections.defaultdict(dict)

    def add(location, directive, name):
        found[location.get("file").removeprefix("weir/")].setdefault((directive, name), int(location.get("line")))

    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        if not path.name.startswith(("class", "struct", "namespace")):
            continue
        for compound in xml.parse(path).getroot().findall("compounddef"):
            name = compound.find("compoundname").text
            if "internal" in name or name == "std":
                continue
            if compound.get("kind") != "namespace":
                outer = name.rpartition("::")[0]
                if outer in ("weir", "weir::sim", "weir::tls", "weir::laws", "weir::option"):
                    add(compound.find("location"), compound.get("kind"), name)
                continue
            for member in compound.iter("memberdef"):
                kind = {"variable": "variable", "typedef": "typedef", "enum": "enum",
                        "function": "function"}.get(member.get("kind"))
                full = f"{name}::{member.find('name').text}"
                if kind == "function":
                    full += member.find("argsstring").text or ""
                    full = re.sub(r"\)[^)]*$", ")", full) if "->" not in full else full
                if kind:
                    add(member.find("location"), kind, full)
    return {header: sorted((line, *key) for key, line in names.items()) for header, names in found.items()}


def page(one, names):
    """Returns the Markdown of a topic's page."""
    lines = [f"# {one.english}", "", one.about_english, ""]
    for header in one.headers.split():
        lines += [f"## weir/{header}", "", f"```cpp\n#include <weir/{header}>\n```", "", "```{eval-rst}"]
        for _, kind, name in names.get(header, []):
            lines += [f".. doxygen{kind}:: {name}"]
            if kind in ("class", "struct"):
                lines += ["   :members:", "   :undoc-members:"]
            lines += [""]
        lines += ["```", ""]
    return "\n".join(lines)
