// loadgen - epoll load generator for one-to-many real-time fan-out.
//
// Opens N reader connections (Socket.IO v4 / raw WebSocket / Server-Sent Events / MQTT-over-WebSocket),
// publishes messages (HTTP POST, or MQTT), and measures when every reader got every message.
// One parent process (controller + publisher) and P forked reader processes (one epoll loop each).
// See README.md for the CLI. Prints one JSON object on stdout; progress goes to stderr.
//
// Every published body carries two ASCII markers, ~LG~00000042~ near the start and ~LE~00000042~ at the end.
// They survive JSON, HTML and URL encoding. A delivery counts only when a reader saw BOTH in one message.
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <bitset>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <unordered_map>
#include <vector>
#include <zlib.h>
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
using std::string;
using std::vector;

// ---------------------------------------------------------------- small helpers
static inline uint64_t now_ns() { timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *f, ...) { va_list a; va_start(a, f); fprintf(stderr, "loadgen: "); vfprintf(stderr, f, a); fprintf(stderr, "\n"); va_end(a); exit(2); }
static bool g_quiet = false;
static void note(const char *f, ...) { if (g_quiet) return; va_list a; va_start(a, f); fprintf(stderr, "[loadgen] "); vfprintf(stderr, f, a); fprintf(stderr, "\n"); va_end(a); }

struct Url { string scheme, host, path; int port; sockaddr_in sa; };
static Url parse_url(const string &s) {
  Url u; size_t p = s.find("://"); if (p == string::npos) die("bad url %s", s.c_str());
  u.scheme = s.substr(0, p); string r = s.substr(p + 3); size_t q = r.find('/');
  string hp = q == string::npos ? r : r.substr(0, q); u.path = q == string::npos ? "/" : r.substr(q);
  size_t c = hp.find(':'); u.host = hp.substr(0, c); u.port = c == string::npos ? (u.scheme == "mqtt" ? 1883 : 80) : atoi(hp.c_str() + c + 1);
  if (u.host == "localhost") u.host = "127.0.0.1";
  memset(&u.sa, 0, sizeof u.sa); u.sa.sin_family = AF_INET; u.sa.sin_port = htons(u.port);
  if (inet_pton(AF_INET, u.host.c_str(), &u.sa.sin_addr) != 1) die("host must be an IPv4 literal: %s", u.host.c_str());
  if ((ntohl(u.sa.sin_addr.s_addr) >> 24) != 127 && !getenv("LOADGEN_ALLOW_REMOTE")) die("refusing a non-loopback target %s (set LOADGEN_ALLOW_REMOTE=1)", u.host.c_str());
  return u;
}

// ---------------------------------------------------------------- options
enum Proto { SOCKETIO, WS, SSE, MQTT };
struct Phase { string kind; int count; double param; };           // seq:COUNT:GAP_MS  rate:COUNT:PER_SEC  idle:SECONDS
struct Opt {
  vector<Url> urls, pubs; int n = 1000; Proto proto = SOCKETIO; string protoName = "socketio";
  int sources = 0, procs = 0, inflight = 200, size = 2048, warmup = 2, rcvbuf = 0, stall = 0;
  double settle = 3, timeout = 30, connectTimeout = 120, startDelay = 0; vector<Phase> plan; string planText = "seq:9:300";
  vector<string> headers, pubHeaders, sends, tpls; string readyOn, sioNs = "/", sioAuth, sioTransport = "websocket", sioParser = "json", topic = "t", label, pubMethod = "POST", gcUrl;
  bool deflate = false; vector<int> pids; bool children = true; int cpu = -1; bool perMsg = false, spin = false;
};
static Opt O;

// ---------------------------------------------------------------- shared memory
struct Hist {                                                       // log-linear histogram of microseconds, <0.8 % error
  static const int SUB = 128, N = SUB * 26; uint64_t b[N]; uint64_t cnt, sum;
  static int idx(uint64_t us) { if (us < SUB) return (int)us; int e = 63 - __builtin_clzll(us); int sh = e - 7; int i = (sh + 1) * SUB + (int)((us >> sh) - SUB); return i < N ? i : N - 1; }
  static double val(int i) { if (i < SUB) return i; int sh = i / SUB - 1; return (double)((uint64_t)(SUB + i % SUB) << sh) + (double)(1ull << sh) / 2; }
  void add(uint64_t us) { b[idx(us)]++; cnt++; sum += us; }
  double pct(double p) const { if (!cnt) return 0; uint64_t want = (uint64_t)ceil(p * cnt), c = 0; if (!want) want = 1; for (int i = 0; i < N; i++) { c += b[i]; if (c >= want) return val(i); } return val(N - 1); }
};
static const int MAXMSG = 20000, MAXPROC = 64, MAXPHASE = 16;
struct Slot { uint64_t first, last; uint32_t count, pad; };
struct ProcStat {
  volatile uint32_t ready, failed, closed, done; volatile uint64_t bytes, frames, pings, dups, ooo, badEnd, inflated, inflateBad, rsv1;
  uint64_t firstConnect, lastReady; char err[160]; Hist lat[MAXPHASE]; Hist conn; Slot slot[MAXMSG];
};
struct Shm { std::atomic<int> stop; std::atomic<int> publishing; std::atomic<int> stallNow; volatile uint64_t t0[MAXMSG]; volatile int phaseOf[MAXMSG]; ProcStat p[MAXPROC]; };
static Shm *S; static ProcStat *P; static int procNo;

// ---------------------------------------------------------------- reader
enum St : uint8_t { CONNECTING, HTTP_WAIT, SIO_OPEN, SIO_CONNECT, SUB_WAIT, READY, DEAD, POLL_OPEN, POLL_POST, POLL_GET, PROBE };
constexpr int OVERTAKEN = 2048;   // messages by which one may be late and still be told from a duplicate
struct Conn {
  int fd = -1; St st = DEAD; bool stalled = false; int idx = 0; int urlIdx = 0; int32_t lastSeq = 0; std::bitset<OVERTAKEN> seen;   // seen: bit k = message lastSeq-k arrived
 
  uint8_t *buf = nullptr; uint32_t len = 0, cap = 0; uint64_t t0 = 0; string *frag = nullptr; bool fragRsv = false; std::shared_ptr<struct Window> window; string *sid = nullptr;
};
static int ep; static vector<Conn> C; static uint8_t RB[256 * 1024]; static int started, inflightNow; static int myN, myFirst;

static void fail(Conn &c, const char *why) {
  if (c.st == DEAD) return;
  if (c.st == READY) { P->closed++; P->ready--; } else { P->failed++; inflightNow--; }
  if (!P->err[0]) snprintf(P->err, sizeof P->err, "conn %d state %d: %s", c.idx, c.st, why);
  if (c.fd >= 0) close(c.fd);
  c.fd = -1; c.st = DEAD; free(c.buf); c.buf = nullptr; c.len = c.cap = 0; c.window.reset();
}
static bool sendAll(Conn &c, const void *d, size_t n) {                // handshake traffic and pongs are tiny: a full buffer is an error
  ssize_t r = send(c.fd, d, n, MSG_NOSIGNAL); if (r == (ssize_t)n) return true; fail(c, "short send"); return false;
}
static bool wsSend(Conn &c, int op, const void *d, size_t n) {          // client frames are masked, with an all-zero key (legal, and free)
  uint8_t h[14]; size_t k = 2; h[0] = 0x80 | op;
  if (n < 126) h[1] = 0x80 | n; else { h[1] = 0x80 | 126; h[2] = n >> 8; h[3] = n; k = 4; }
  memset(h + k, 0, 4); k += 4; string f((char *)h, k); f.append((const char *)d, n); return sendAll(c, f.data(), f.size());
}
static bool wsText(Conn &c, const string &s) { return wsSend(c, 1, s.data(), s.size()); }
static void becomeReady(Conn &c) {
  c.st = READY; P->ready++; inflightNow--; uint64_t t = now_ns(); P->conn.add((t - c.t0) / 1000); P->lastReady = t;
}
static void afterOpen(Conn &c) {                                        // protocol connected: send the application's subscribe frames, if any
  for (auto &s : O.sends) { string m = s; size_t p; while ((p = m.find("{{i}}")) != string::npos) m.replace(p, 5, std::to_string(c.idx)); if (!wsText(c, m)) return; }
  if (O.readyOn.empty()) becomeReady(c); else c.st = SUB_WAIT;
}
static void deliver(Conn &c, int seq, uint64_t t) {
  if (seq < 0 || seq >= MAXMSG || !S->t0[seq]) return;
  if (seq > c.lastSeq) { int d = seq - c.lastSeq; c.seen <<= d; c.seen.set(0); c.lastSeq = seq; }
  else {                                                                // late: a duplicate, or a message overtaken by a later one
    int d = c.lastSeq - seq; if (d >= OVERTAKEN) { P->ooo++; return; }
    if (c.seen[d]) { P->dups++; return; }
    c.seen.set(d); P->ooo++;
  }
  Slot &s = P->slot[seq]; if (!s.first) s.first = t; s.last = t; __atomic_store_n(&s.count, s.count + 1, __ATOMIC_RELEASE);
  P->lat[S->phaseOf[seq]].add((t - S->t0[seq]) / 1000);
}
// Every ~LG~nnnnnnnn~ ... ~LE~nnnnnnnn~ pair of a frame: a server may fold several messages into one.
struct Marks { vector<int> seqs; bool bad = false; };
static Marks findMarks(const uint8_t *p, size_t n) {
  Marks m; const uint8_t *e = p + n, *q = p; int open = -1;
  while ((q = (const uint8_t *)memchr(q, '~', e - q))) {
    if (e - q >= 13 && q[12] == '~' && q[3] == '~' && q[1] == 'L' && (q[2] == 'G' || q[2] == 'E')) {
      int s = atoi(string((const char *)q + 4, 8).c_str());
      if (q[2] == 'G') open = s; else if (s == open) { m.seqs.push_back(s); open = -1; }
      q += 13;
    } else q++;
  }
  m.bad = open >= 0 || (m.seqs.empty() && memmem(p, n, "~LE~", 4)); return m;
}
static void deliverAll(Conn &c, const Marks &m) {
  uint64_t t = now_ns(); for (int s : m.seqs) deliver(c, s, t); if (m.bad) P->badEnd++;
}
// Finds ~LG~nnnnnnnn~ ... ~LE~nnnnnnnn~ ; returns seq or -1.
static int findSeq(const uint8_t *p, size_t n) {
  const uint8_t *e = p + n, *q = p; int seq = -1;
  while ((q = (const uint8_t *)memchr(q, '~', e - q))) { if (e - q >= 13 && !memcmp(q, "~LG~", 4)) { seq = atoi(string((const char *)q + 4, 8).c_str()); break; } q++; }
  if (seq < 0) return -1;
  for (q = e; (q = (const uint8_t *)memrchr(p, '~', q - p));) { if (e - q >= 1 && q - p >= 12 && !memcmp(q - 12, "~LE~", 4)) { if (atoi(string((const char *)q - 8, 8).c_str()) == seq) return seq; break; } }
  P->badEnd++; return -1;
}
static void onMessage(Conn &c, int op, const uint8_t *d, size_t n);
// Compressed (RSV1) frames. What a reader can inflate depends on the frame and on its window, the last 32 KB that it inflated
// before. Readers with the same window who get the same frame, byte for byte, see the same text and have the same window after
// it; so a frame is inflated once for each window that it meets, and every reader is given exactly what it would see itself.
// A window lives as long as some reader has it, or has one from which it was reached.
// Its marks are looked for once, too. Readers are served the same frame one after another, so the latest is looked at first.
struct Inflated { string text; std::shared_ptr<Window> after; Marks marks; };
using Step = std::pair<const string, Inflated>;
struct Window { string text; std::unordered_map<string, Inflated> next; Step *latest = nullptr; };
static std::shared_ptr<Window> emptyWindow() {
  static std::weak_ptr<Window> shared; auto w = shared.lock(); if (!w) shared = w = std::make_shared<Window>(); return w;
}
// One window for one text, however it was reached: a frame may come deflated in several ways.
static std::shared_ptr<Window> windowWith(string text) {
  static std::unordered_map<string, std::weak_ptr<Window>> known; auto &kept = known[text]; auto w = kept.lock();
  if (!w) { kept = w = std::make_shared<Window>(); w->text = std::move(text); }
  if (known.size() > 256) for (auto k = known.begin(); k != known.end();) k = k->second.expired() ? known.erase(k) : std::next(k);
  return w;
}
static bool inflateIn(const Window &w, const string &frame, Inflated &r) {
  static uint8_t out[8 << 20]; string in = frame; in.append("\x00\x00\xff\xff", 4); z_stream z; memset(&z, 0, sizeof z); inflateInit2(&z, -15);
  if (!w.text.empty()) inflateSetDictionary(&z, (const Bytef *)w.text.data(), w.text.size());
  z.next_in = (Bytef *)in.data(); z.avail_in = in.size(); z.next_out = out; z.avail_out = sizeof out;
  int k = inflate(&z, Z_SYNC_FLUSH); bool ok = (k == Z_OK || k == Z_BUF_ERROR) && !z.avail_in && z.avail_out; size_t m = sizeof out - z.avail_out; inflateEnd(&z); if (!ok) return false;
  r.text.assign((char *)out, m); string text = w.text + r.text; if (text.size() > 32768) text.erase(0, text.size() - 32768);
  r.after = windowWith(std::move(text));
  r.marks = findMarks(out, m); P->inflated++; return true;
}
static Step *inflated(Window &w, const uint8_t *d, size_t n) {
  if (w.latest && w.latest->first.size() == n && !memcmp(w.latest->first.data(), d, n)) return w.latest;
  string frame((const char *)d, n); auto found = w.next.find(frame);
  if (found == w.next.end()) { Inflated r; if (!inflateIn(w, frame, r)) return nullptr; found = w.next.emplace(frame, std::move(r)).first; }
  return w.latest = &*found;
}
static void onCompressed(Conn &c, int op, const uint8_t *d, size_t n) {
  P->rsv1++; if (!c.window) c.window = emptyWindow();
  auto before = c.window; Step *step = inflated(*before, d, n);
  if (!step) { P->inflateBad++; return fail(c, "bad deflate data"); }
  const Inflated &r = step->second; c.window = r.after;
  if (c.st == READY && r.text.size() >= 26) { P->frames++; deliverAll(c, r.marks); } else onMessage(c, op, (const uint8_t *)r.text.data(), r.text.size());
}
static void onMessage(Conn &c, int op, const uint8_t *d, size_t n) {    // one whole WebSocket message
  P->frames++;
  if (c.st == READY) {
    if (O.proto == SOCKETIO && n == 1 && d[0] == '2') { P->pings++; wsSend(c, 1, "3", 1); return; }
    if (n >= 26) deliverAll(c, findMarks(d, n));
    return;
  }
  if (O.proto == SOCKETIO) {
    if (c.st == PROBE) { if (n >= 6 && !memcmp(d, "3probe", 6)) { if (wsText(c, "5")) afterOpen(c); } return; }
    if (c.st == SIO_OPEN) {
      if (!n || d[0] != '0') return fail(c, "no engine.io open packet");
      c.st = SIO_CONNECT;
      if (O.sioParser == "msgpack") { string m("\x82\xa4" "type\x00\xa3nsp", 11); m += (char)(0xa0 | O.sioNs.size()); m += O.sioNs; wsSend(c, 2, m.data(), m.size()); }
      else wsText(c, "40" + (O.sioNs == "/" ? string() : O.sioNs + ",") + O.sioAuth);
      return;
    }
    if (n == 1 && d[0] == '2') { P->pings++; wsSend(c, 1, "3", 1); return; }
    if (c.st == SIO_CONNECT) {
      if (op == 2) { if (memmem(d, n, "type\x00", 5)) afterOpen(c); else fail(c, "msgpack connect refused"); }
      else if (n >= 2 && d[0] == '4' && d[1] == '0') afterOpen(c);
      else if (n >= 2 && d[0] == '4' && d[1] == '4') fail(c, string((char *)d, std::min<size_t>(n, 120)).c_str());
      return;
    }
  }
  if (O.proto == MQTT) {
    if (c.st == SIO_OPEN) { if (n >= 4 && d[0] == 0x20 && d[3] == 0) { string t = O.topic, m; m += (char)0x82; m += (char)(2 + 2 + t.size() + 1); m += string("\0\1", 2); m += (char)0; m += (char)t.size(); m += t; m += (char)0; c.st = SIO_CONNECT; wsSend(c, 2, m.data(), m.size()); } else fail(c, "CONNACK refused"); return; }
    if (c.st == SIO_CONNECT) { if (n && d[0] == 0x90) becomeReady(c); return; }
  }
  if (c.st == SUB_WAIT && memmem(d, n, O.readyOn.data(), O.readyOn.size())) becomeReady(c);
}
static size_t wsFrames(Conn &c, const uint8_t *p, size_t n) {           // consumes whole frames; returns bytes used
  size_t used = 0;
  while (n - used >= 2) {
    const uint8_t *f = p + used; size_t left = n - used, h = 2; uint64_t L = f[1] & 127; if (f[1] & 128) { fail(c, "masked server frame"); return n; }
    if (L == 126) { if (left < 4) break; L = (uint64_t)f[2] << 8 | f[3]; h = 4; } else if (L == 127) { if (left < 10) break; L = 0; for (int i = 0; i < 8; i++) L = L << 8 | f[2 + i]; h = 10; }
    if (L > (64u << 20)) { fail(c, "frame too large"); return n; }
    if (left < h + L) break;
    int op = f[0] & 15; bool fin = f[0] & 128, rsv = f[0] & 64; const uint8_t *d = f + h;
    if (op == 9) wsSend(c, 10, d, std::min<uint64_t>(L, 125));
    else if (op == 8) { fail(c, "server close frame"); return n; }
    else if (op == 10) {}
    else if (op == 0 || !fin) { if (!c.frag) c.frag = new string; if (op) { c.frag->clear(); c.fragRsv = rsv; } c.frag->append((const char *)d, L); if (fin) { if (c.fragRsv) onCompressed(c, 1, (const uint8_t *)c.frag->data(), c.frag->size()); else onMessage(c, 1, (const uint8_t *)c.frag->data(), c.frag->size()); } }
    else if (rsv) onCompressed(c, op, d, L);
    else onMessage(c, op, d, L);
    if (c.st == DEAD) return n;
    used += h + L;
  }
  return used;
}
static size_t sseEvents(Conn &c, const uint8_t *p, size_t n) {          // an event ends at an empty line; chunk-size lines between events are harmless
  size_t used = 0; const uint8_t *e = p + n, *q = p;
  while ((q = (const uint8_t *)memchr(q, '\n', e - q))) {
    if (q + 1 < e && q[1] == '\n') { const uint8_t *b = p + used; int s = findSeq(b, q - b); if (s >= 0) deliver(c, s, now_ns()); P->frames++; used = q + 2 - p; q += 2; }
    else q++;
  }
  return used;
}
static string reqHead(const Url &u, const string &path, const char *method = "GET") { return string(method) + " " + path + " HTTP/1.1\r\nHost: " + u.host + ":" + std::to_string(u.port) + "\r\n"; }
static string extraHeaders() { string r; for (auto &h : O.headers) r += h + "\r\n"; return r; }
static string sioPath(const Url &u, const char *transport, const string &sid) {
  string p = u.path; if (p == "/") p = "/socket.io/"; p += (p.find('?') == string::npos ? "?" : "&"); p += string("EIO=4&transport=") + transport; if (!sid.empty()) p += "&sid=" + sid; return p;
}
static bool openSocket(Conn &c) {
  const Url &u = O.urls[c.urlIdx]; c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c.fd < 0) { c.st = CONNECTING; fail(c, strerror(errno)); return false; }
  int one = 1; setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (O.rcvbuf) setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &O.rcvbuf, sizeof O.rcvbuf);
  if (O.sources > 0) {
    setsockopt(c.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one); int k = c.idx % O.sources; sockaddr_in a; memset(&a, 0, sizeof a); a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl((127u << 24) | (1 + k / 250) << 8 | (1 + k % 250)); if (bind(c.fd, (sockaddr *)&a, sizeof a)) { c.st = CONNECTING; fail(c, "bind source"); return false; }
  }
  c.st = CONNECTING; if (connect(c.fd, (const sockaddr *)&u.sa, sizeof u.sa) && errno != EINPROGRESS) { fail(c, strerror(errno)); return false; }
  epoll_event ev; ev.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET; ev.data.u32 = c.idx - myFirst; epoll_ctl(ep, EPOLL_CTL_ADD, c.fd, &ev); return true;
}
static void sendHandshake(Conn &c) {
  const Url &u = O.urls[c.urlIdx]; string r;
  epoll_event ev; ev.events = EPOLLIN | EPOLLRDHUP | EPOLLET; ev.data.u32 = c.idx - myFirst; epoll_ctl(ep, EPOLL_CTL_MOD, c.fd, &ev);
  if (O.proto == SOCKETIO && O.sioTransport == "polling" && !c.sid) { r = reqHead(u, sioPath(u, "polling", "")) + extraHeaders() + "\r\n"; c.st = POLL_OPEN; sendAll(c, r.data(), r.size()); return; }
  if (O.proto == SSE) r = reqHead(u, u.path) + "Accept: text/event-stream\r\nCache-Control: no-cache\r\n" + extraHeaders() + "\r\n";
  else {
    r = reqHead(u, O.proto == SOCKETIO ? sioPath(u, "websocket", c.sid ? *c.sid : "") : u.path) + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (O.proto == MQTT) r += "Sec-WebSocket-Protocol: mqtt\r\n";
    if (O.deflate) r += "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    r += extraHeaders() + "\r\n";
  }
  c.st = HTTP_WAIT; sendAll(c, r.data(), r.size());
}
// Polling handshake (what a default browser client does before it upgrades): GET open, POST "40", GET -> 40{sid}, then a second socket: upgrade, 2probe, 3probe, 5.
static bool pollStep(Conn &c, const string &head, const string &body) {
  const Url &u = O.urls[c.urlIdx]; string r;
  if (head.compare(0, 12, "HTTP/1.1 200")) { fail(c, head.substr(0, 60).c_str()); return false; }
  if (c.st == POLL_OPEN) { size_t p = body.find("\"sid\":\""); if (p == string::npos) { fail(c, "no sid"); return false; } c.sid = new string(body.substr(p + 7, body.find('"', p + 7) - p - 7)); r = reqHead(u, sioPath(u, "polling", *c.sid), "POST") + "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n" + extraHeaders() + "\r\n40"; c.st = POLL_POST; return sendAll(c, r.data(), r.size()); }
  if (c.st == POLL_POST) { r = reqHead(u, sioPath(u, "polling", *c.sid)) + extraHeaders() + "\r\n"; c.st = POLL_GET; return sendAll(c, r.data(), r.size()); }
  if (body.compare(0, 2, "40")) { fail(c, "no 40 over polling"); return false; }
  close(c.fd); c.len = 0; openSocket(c); return false;                  // go on with the WebSocket
}
static size_t consume(Conn &c, const uint8_t *p, size_t n) {
  size_t used = 0;
  if (c.st == HTTP_WAIT || c.st == POLL_OPEN || c.st == POLL_POST || c.st == POLL_GET) {
    const uint8_t *e = (const uint8_t *)memmem(p, n, "\r\n\r\n", 4); if (!e) { if (n > 65536) fail(c, "endless headers"); return 0; }
    string head((const char *)p, e - p); used = e + 4 - p;
    if (c.st != HTTP_WAIT) {
      size_t L = 0; const char *cl = strcasestr(head.c_str(), "content-length:"); if (cl) L = atoi(cl + 15); if (n - used < L) return 0;
      string body((const char *)p + used, L); used += L; if (!pollStep(c, head, body)) return n; return used;
    }
    if (O.proto == SSE) { if (head.compare(0, 12, "HTTP/1.1 200")) { fail(c, head.substr(0, 60).c_str()); return n; } becomeReady(c); }
    else {
      if (head.compare(0, 12, "HTTP/1.1 101")) { fail(c, head.substr(0, 60).c_str()); return n; }
      if (O.proto == WS) afterOpen(c);
      else if (O.proto == MQTT) { string id = "lg" + std::to_string(c.idx), m("\x10", 1); m += (char)(12 + id.size()); m += string("\0\4MQTT\4\2\0\0", 10); m += (char)0; m += (char)id.size(); m += id; c.st = SIO_OPEN; wsSend(c, 2, m.data(), m.size()); }
      else if (c.sid) { c.st = PROBE; wsText(c, "2probe"); }
      else c.st = SIO_OPEN;
    }
    if (c.st == DEAD) return n;
  }
  if (used < n) used += O.proto == SSE ? sseEvents(c, p + used, n - used) : wsFrames(c, p + used, n - used);
  return used;
}
static void onReadable(Conn &c, bool hup) {
  for (;;) {
    int fd = c.fd; ssize_t r = recv(c.fd, RB, sizeof RB, 0);
    if (r == 0) return fail(c, "closed by server");
    if (r < 0) { if (errno == EAGAIN) return; if (errno == EINTR) continue; return fail(c, strerror(errno)); }
    P->bytes += r;
    if (!c.len) { size_t u = consume(c, RB, r); if (c.st == DEAD || c.fd != fd) return; if ((size_t)r > u) { size_t l = r - u; if (c.cap < l) { c.cap = std::max<size_t>(l, 4096); c.buf = (uint8_t *)realloc(c.buf, c.cap); } memcpy(c.buf, RB + u, l); c.len = l; } }
    else {
      if (c.cap < c.len + r) { c.cap = (c.len + r) * 2; c.buf = (uint8_t *)realloc(c.buf, c.cap); }
      memcpy(c.buf + c.len, RB, r); c.len += r; size_t u = consume(c, c.buf, c.len); if (c.st == DEAD || c.fd != fd) return; c.len -= u; if (c.len) memmove(c.buf, c.buf + u, c.len); else { free(c.buf); c.buf = nullptr; c.cap = 0; }
    }
    if (r < (ssize_t)sizeof RB && !hup) return;                          // a short read drained the socket; new data raises a new edge
  }
}
static void readerMain() {
  prctl(PR_SET_PDEATHSIG, SIGKILL); prctl(PR_SET_NAME, "loadgen-reader");
  if (O.cpu >= 0) { cpu_set_t s; CPU_ZERO(&s); CPU_SET(O.cpu, &s); sched_setaffinity(0, sizeof s, &s); }
  ep = epoll_create1(0); C.resize(myN); for (int i = 0; i < myN; i++) { C[i].idx = myFirst + i; C[i].urlIdx = (myFirst + i) % O.urls.size(); C[i].stalled = myFirst + i < O.stall; }
  int limit = std::max(1, O.inflight / O.procs); vector<epoll_event> ev(1024); P->firstConnect = now_ns(); bool stalledDone = false; uint64_t nextSweep = 0;
  while (!S->stop.load(std::memory_order_relaxed)) {
    while (started < myN && inflightNow < limit) { Conn &c = C[started++]; c.t0 = now_ns(); inflightNow++; openSocket(c); }
    int k = epoll_wait(ep, ev.data(), ev.size(), O.spin && S->publishing.load(std::memory_order_relaxed) ? 0 : 200);
    for (int i = 0; i < k; i++) {
      Conn &c = C[ev[i].data.u32]; uint32_t e = ev[i].events; if (c.st == DEAD) continue;
      if (c.st == CONNECTING) { int er = 0; socklen_t l = sizeof er; getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &er, &l); if (er) { fail(c, strerror(er)); continue; } if (!(e & EPOLLOUT)) continue; sendHandshake(c); continue; }
      if (e & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) onReadable(c, e & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
    }
    if (O.stall && !stalledDone && S->stallNow.load()) { stalledDone = true; for (auto &c : C) if (c.stalled && c.st == READY) epoll_ctl(ep, EPOLL_CTL_DEL, c.fd, nullptr); }
    if (inflightNow > 0 || k == 0) { uint64_t t = now_ns(); if (t > nextSweep) { nextSweep = t + 1000000000ull; for (int i = 0; i < started; i++) if (C[i].st < READY || C[i].st > DEAD) if (t - C[i].t0 > O.connectTimeout * 1e9) fail(C[i], "handshake timeout"); } }
  }
  for (auto &c : C) if (c.fd >= 0) close(c.fd);
  _exit(0);
}

// ---------------------------------------------------------------- process accounting
static void addKids(int pid, vector<int> &v) {
  v.push_back(pid); char b[64]; snprintf(b, sizeof b, "/proc/%d/task", pid); DIR *d = opendir(b); if (!d) return;
  while (dirent *e = readdir(d)) { if (e->d_name[0] == '.') continue; char p[384]; snprintf(p, sizeof p, "/proc/%d/task/%s/children", pid, e->d_name); FILE *f = fopen(p, "r"); if (!f) continue; int k; while (fscanf(f, "%d", &k) == 1) addKids(k, v); fclose(f); }
  closedir(d);
}
static vector<int> serverPids() { vector<int> v; for (int p : O.pids) if (O.children) addKids(p, v); else v.push_back(p); return v; }
static double procCpu(int pid) {                                        // seconds on CPU, all threads, ns resolution from schedstat, ticks otherwise
  char b[64]; snprintf(b, sizeof b, "/proc/%d/task", pid); DIR *d = opendir(b); if (!d) return 0; double s = 0; bool ok = true;
  while (dirent *e = readdir(d)) { if (e->d_name[0] == '.') continue; char p[384]; snprintf(p, sizeof p, "/proc/%d/task/%s/schedstat", pid, e->d_name); FILE *f = fopen(p, "r"); unsigned long long ns; if (!f) { ok = false; break; } if (fscanf(f, "%llu", &ns) == 1) s += ns / 1e9; fclose(f); }
  closedir(d); if (ok) return s;
  snprintf(b, sizeof b, "/proc/%d/stat", pid); FILE *f = fopen(b, "r"); if (!f) return 0; char l[1024]; size_t n = fread(l, 1, 1023, f); fclose(f); l[n] = 0; char *q = strrchr(l, ')'); unsigned long u = 0, t = 0; if (q) sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &t); return (u + t) / (double)sysconf(_SC_CLK_TCK);
}
static double procRssKb(int pid) { char b[64]; snprintf(b, sizeof b, "/proc/%d/statm", pid); FILE *f = fopen(b, "r"); if (!f) return 0; long a, r; int k = fscanf(f, "%ld %ld", &a, &r); fclose(f); return k == 2 ? r * (sysconf(_SC_PAGESIZE) / 1024.0) : 0; }
static double srvCpu() { double s = 0; for (int p : serverPids()) s += procCpu(p); return s; }
static double srvRss() { double s = 0; for (int p : serverPids()) s += procRssKb(p); return s; }
static vector<pid_t> kids; static double cliCpu() { double s = 0; for (int p : kids) s += procCpu(p); return s; }
static double memAvailKb() { FILE *f = fopen("/proc/meminfo", "r"); char l[256]; double r = 0; while (f && fgets(l, sizeof l, f)) if (sscanf(l, "MemAvailable: %lf", &r) == 1) break; if (f) fclose(f); return r; }
static double stealIdle(double *busy) { FILE *f = fopen("/proc/stat", "r"); unsigned long long v[8] = {0}; if (f) { if (fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) < 8) {} fclose(f); } double t = 0; for (int i = 0; i < 8; i++) t += v[i]; *busy = (t - v[3] - v[4]) / 100.0; return v[7] / 100.0; }

// ---------------------------------------------------------------- publisher
struct PubConn { int fd = -1; bool busy = false; string in; uint64_t t0; int seq; int url; };
static vector<PubConn> PC; static Hist pubHist; static int pubErrors; static string pubErrText; static int mqttFd = -1;
static string makeBody(int seq) {
  char a[24], z[24]; snprintf(a, sizeof a, "~LG~%08d~", seq); snprintf(z, sizeof z, "~LE~%08d~", seq);
  static const string words = "<p>The committee resumed at <b>14:05</b> and the minister said the report would be published in full before the recess, adding that <a href=\\\"https://example.org/a/1\\\">earlier estimates</a> were revised.</p> ";
  string t = O.tpls.empty() ? string("{\"mark\":\"{{MARK}}\",\"id\":{{SEQ}},\"author\":\"desk\",\"html\":\"{{PAD}}\",\"end\":\"{{END}}\"}") : O.tpls[seq % O.tpls.size()];
  auto rep = [&](const string &k, const string &v) { size_t p; while ((p = t.find(k)) != string::npos) t.replace(p, k.size(), v); };
  rep("{{MARK}}", a); rep("{{END}}", z); rep("{{SEQ}}", std::to_string(seq));
  size_t p = t.find("{{PAD}}"); if (p != string::npos) { int need = O.size - (int)(t.size() - 7); string pad; while ((int)pad.size() < need) pad += words; if ((int)pad.size() > need) { pad.resize(std::max(0, need)); while (!pad.empty() && (pad.back() == '\\')) pad.back() = ' '; } t.replace(p, 7, pad); }
  return t;
}
static int tcp(const Url &u) { int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); int one = 1; setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); if (connect(fd, (const sockaddr *)&u.sa, sizeof u.sa)) { close(fd); return -1; } return fd; }
static bool respDone(PubConn &c, int &code, bool &keep) {
  size_t h = c.in.find("\r\n\r\n"); if (h == string::npos) return false; code = atoi(c.in.c_str() + 9); string head = c.in.substr(0, h); keep = !strcasestr(head.c_str(), "connection: close");
  const char *cl = strcasestr(head.c_str(), "content-length:"); size_t body = c.in.size() - h - 4; if (cl) return body >= (size_t)atoi(cl + 15);
  if (strcasestr(head.c_str(), "transfer-encoding: chunked")) return c.in.size() >= 5 && !c.in.compare(c.in.size() - 5, 5, "0\r\n\r\n"); return true;
}
static void pubPoll(int ms) {
  vector<pollfd> f; vector<int> ix; for (size_t i = 0; i < PC.size(); i++) if (PC[i].busy) { f.push_back({PC[i].fd, POLLIN, 0}); ix.push_back(i); }
  timespec ts = {ms / 1000, (ms % 1000) * 1000000L}; if (f.empty()) { nanosleep(&ts, nullptr); return; }
  if (poll(f.data(), f.size(), ms) <= 0) return;
  for (size_t k = 0; k < f.size(); k++) if (f[k].revents) {
    PubConn &c = PC[ix[k]]; char b[65536]; ssize_t r = recv(c.fd, b, sizeof b, 0); int code = 0; bool keep = true;
    if (r > 0) { c.in.append(b, r); if (!respDone(c, code, keep)) continue; pubHist.add((now_ns() - c.t0) / 1000); if (code / 100 != 2) { pubErrors++; if (pubErrText.empty()) pubErrText = c.in.substr(0, 120); } } else { pubErrors++; if (pubErrText.empty()) pubErrText = "connection closed"; keep = false; }
    c.busy = false; c.in.clear(); if (!keep) { close(c.fd); c.fd = -1; }
  }
}
static void publish(int seq, uint64_t intended) {
  string body = makeBody(seq); const Url &u = O.pubs[seq % O.pubs.size()];
  if (u.scheme == "mqtt") {
    if (mqttFd < 0) { mqttFd = tcp(u); if (mqttFd < 0) die("mqtt publisher cannot connect"); string m("\x10\x0e\0\4MQTT\4\2\0\0\0\2lg", 16); if (write(mqttFd, m.data(), m.size()) < 0) die("mqtt"); char b[4]; if (read(mqttFd, b, 4) != 4) die("mqtt connack"); }
    string v; v += (char)0; v += (char)O.topic.size(); v += O.topic; v += body; string m("\x30", 1); size_t L = v.size(); do { uint8_t x = L % 128; L /= 128; if (L) x |= 128; m += (char)x; } while (L); m += v;
    S->t0[seq] = intended ? intended : now_ns(); if (write(mqttFd, m.data(), m.size()) != (ssize_t)m.size()) pubErrors++; return;
  }
  string r = reqHead(u, u.path, O.pubMethod.c_str()); bool ct = false; for (string h : O.pubHeaders) { size_t q; while ((q = h.find("{{SEQ}}")) != string::npos) h.replace(q, 7, std::to_string(seq)); r += h + "\r\n"; if (!strncasecmp(h.c_str(), "content-type:", 13)) ct = true; }
  if (!ct) r += "Content-Type: application/json\r\n"; r += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  int want = seq % O.pubs.size(); PubConn *c = nullptr; for (auto &x : PC) if (!x.busy && x.fd >= 0 && x.url == want) { c = &x; break; }
  if (!c) { for (auto &x : PC) if (!x.busy && x.fd < 0) { c = &x; break; } if (!c) { PC.emplace_back(); c = &PC.back(); } c->url = want; c->fd = tcp(u); if (c->fd < 0) { pubErrors++; if (pubErrText.empty()) pubErrText = "publisher cannot connect"; S->t0[seq] = intended ? intended : now_ns(); return; } }
  c->busy = true; c->seq = seq; c->t0 = now_ns(); S->t0[seq] = intended ? intended : c->t0; std::atomic_thread_fence(std::memory_order_seq_cst);
  if (send(c->fd, r.data(), r.size(), MSG_NOSIGNAL) != (ssize_t)r.size()) { pubErrors++; if (pubErrText.empty()) pubErrText = "publish send failed"; }
}
static string httpOnce(const Url &u, const char *m) { int fd = tcp(u); if (fd < 0) return ""; string r = reqHead(u, u.path, m) + "Connection: close\r\nContent-Length: 0\r\n\r\n"; if (send(fd, r.data(), r.size(), MSG_NOSIGNAL) < 0) {} string o; char b[4096]; ssize_t k; while ((k = recv(fd, b, sizeof b, 0)) > 0) o.append(b, k); close(fd); return o; }

// ---------------------------------------------------------------- controller
static uint64_t sumCount(int seq) { uint64_t n = 0; for (int i = 0; i < O.procs; i++) n += __atomic_load_n(&S->p[i].slot[seq].count, __ATOMIC_ACQUIRE); return n; }
static uint32_t totReady() { uint32_t n = 0; for (int i = 0; i < O.procs; i++) n += S->p[i].ready; return n; }
static uint32_t totFailed() { uint32_t n = 0; for (int i = 0; i < O.procs; i++) n += S->p[i].failed; return n; }
static double q(vector<double> v, double p) { if (v.empty()) return 0; std::sort(v.begin(), v.end()); double k = p * (v.size() - 1); size_t i = (size_t)k; return i + 1 < v.size() ? v[i] + (k - i) * (v[i + 1] - v[i]) : v[i]; }
static string J; static void js(const char *f, ...) { char b[8192]; va_list a; va_start(a, f); vsnprintf(b, sizeof b, f, a); va_end(a); J += b; }
static string esc(const string &s) { string r; for (char ch : s) { if (ch == '"' || ch == '\\') r += '\\'; if ((unsigned char)ch < 32) { r += ' '; continue; } r += ch; } return r; }
static void histJson(const Hist &h) { js("{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,\"mean\":%.3f}", h.pct(.5) / 1e3, h.pct(.9) / 1e3, h.pct(.99) / 1e3, h.pct(.999) / 1e3, h.pct(1) / 1e3, h.cnt ? h.sum / 1e3 / h.cnt : 0.0); }
static void waitMsg(int seq, uint64_t expect, double timeout) { uint64_t end = now_ns() + (uint64_t)(timeout * 1e9); while (sumCount(seq) < expect && now_ns() < end) pubPoll(1); }

static void usage() {
  fprintf(stderr, "usage: loadgen --url URL [--url URL2..] --n N --protocol socketio|ws|sse|mqtt --publish-url URL [options]\n  see README.md\n"); exit(2);
}
int main(int ac, char **av) {
  auto need = [&](int &i) { if (i + 1 >= ac) usage(); return string(av[++i]); };
  for (int i = 1; i < ac; i++) {
    string a = av[i];
    if (a == "--url") O.urls.push_back(parse_url(need(i))); else if (a == "--publish-url") O.pubs.push_back(parse_url(need(i)));
    else if (a == "--n") O.n = atoi(need(i).c_str()); else if (a == "--sources") O.sources = atoi(need(i).c_str());
    else if (a == "--protocol") { O.protoName = need(i); O.proto = O.protoName == "socketio" ? SOCKETIO : O.protoName == "ws" ? WS : O.protoName == "sse" ? SSE : O.protoName == "mqtt" ? MQTT : (usage(), WS); }
    else if (a == "--procs") O.procs = atoi(need(i).c_str()); else if (a == "--inflight") O.inflight = atoi(need(i).c_str()); else if (a == "--size") O.size = atoi(need(i).c_str());
    else if (a == "--warmup") O.warmup = atoi(need(i).c_str()); else if (a == "--settle") O.settle = atof(need(i).c_str()); else if (a == "--timeout") O.timeout = atof(need(i).c_str());
    else if (a == "--connect-timeout") O.connectTimeout = atof(need(i).c_str()); else if (a == "--plan") O.planText = need(i); else if (a == "--header") O.headers.push_back(need(i));
    else if (a == "--publish-header") O.pubHeaders.push_back(need(i)); else if (a == "--publish-method") O.pubMethod = need(i); else if (a == "--publish-template") { FILE *f = fopen(need(i).c_str(), "r"); if (!f) die("no template"); char b[65536]; size_t n = fread(b, 1, sizeof b, f); fclose(f); string t(b, n); while (!t.empty() && t.back() == '\n') t.pop_back(); O.tpls.push_back(t); }
    else if (a == "--send") O.sends.push_back(need(i)); else if (a == "--ready-on") O.readyOn = need(i); else if (a == "--sio-namespace") O.sioNs = need(i); else if (a == "--sio-auth") O.sioAuth = need(i);
    else if (a == "--sio-transport") O.sioTransport = need(i); else if (a == "--sio-parser") O.sioParser = need(i); else if (a == "--topic") O.topic = need(i); else if (a == "--deflate") O.deflate = true;
    else if (a == "--pid") { string s = need(i); size_t p = 0; while (p < s.size()) { O.pids.push_back(atoi(s.c_str() + p)); p = s.find(',', p); if (p == string::npos) break; p++; } }
    else if (a == "--no-children") O.children = false; else if (a == "--rcvbuf") O.rcvbuf = atoi(need(i).c_str()); else if (a == "--stall") O.stall = atoi(need(i).c_str()); else if (a == "--cpu") O.cpu = atoi(need(i).c_str());
    else if (a == "--label") O.label = need(i); else if (a == "--per-message") O.perMsg = true; else if (a == "--spin") O.spin = true; else if (a == "--gc-url") O.gcUrl = need(i); else if (a == "--quiet") g_quiet = true; else { fprintf(stderr, "unknown option %s\n", a.c_str()); usage(); }
  }
  if (O.urls.empty() || O.pubs.empty()) usage();
  if (O.sioTransport != "websocket" && O.sioTransport != "polling") die("--sio-transport websocket|polling");
  rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
  int perProc = (int)std::min<rlim_t>(rl.rlim_max - 40, 200000); int minProcs = (O.n + perProc - 1) / perProc; if (O.procs < minProcs) O.procs = minProcs; if (O.procs > MAXPROC) die("too many processes");
  if (!O.sources) O.sources = O.n / 20000 + 4;
  for (size_t p = 0; p < O.planText.size();) { size_t e = O.planText.find(',', p); string t = O.planText.substr(p, e == string::npos ? string::npos : e - p); char k[16]; int c = 0; double x = 0; Phase ph; if (sscanf(t.c_str(), "%15[a-z]:%d:%lf", k, &c, &x) < 2) die("bad plan %s", t.c_str()); ph.kind = k; ph.count = c; ph.param = x; O.plan.push_back(ph); if (e == string::npos) break; p = e + 1; }
  if (O.plan.size() + 1 > MAXPHASE) die("too many phases");
  S = (Shm *)mmap(nullptr, sizeof(Shm), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); if (S == MAP_FAILED) die("mmap"); signal(SIGPIPE, SIG_IGN);

  double rss0 = srvRss(), cpu0 = srvCpu(), mem0 = memAvailKb(); uint64_t tc = now_ns(); int first = 0;
  for (int i = 0; i < O.procs; i++) {
    int k = O.n / O.procs + (i < O.n % O.procs); procNo = i; P = &S->p[i]; myFirst = first; myN = k; first += k; pid_t pid = fork(); if (pid < 0) die("fork"); if (!pid) readerMain(); kids.push_back(pid);
  }
  uint64_t lastNote = now_ns(); while (totReady() + totFailed() < (uint32_t)O.n) { timespec ts = {0, 5000000}; nanosleep(&ts, nullptr); if (now_ns() - tc > O.connectTimeout * 1e9) break; if (now_ns() - lastNote > 2000000000ull) { lastNote = now_ns(); note("%u/%d connected, %u failed", totReady(), O.n, totFailed()); } }
  uint64_t lr = tc; for (int i = 0; i < O.procs; i++) lr = std::max(lr, S->p[i].lastReady); double connSec = (lr - tc) / 1e9; uint32_t ready = totReady(), failed = totFailed(); double cpuConn = srvCpu() - cpu0;
  note("%u connected in %.2f s (%.0f/s), %u failed%s%s", ready, connSec, ready / connSec, failed, S->p[0].err[0] ? ": " : "", S->p[0].err);
  double rssConn = srvRss(); if (O.settle > 0) { timespec ts = {(time_t)O.settle, (long)((O.settle - floor(O.settle)) * 1e9)}; nanosleep(&ts, nullptr); }
  double rssSettled = srvRss(), memSettled = memAvailKb(), rssGc = 0; if (!O.gcUrl.empty()) { Url g = parse_url(O.gcUrl); httpOnce(g, "POST"); timespec ts = {1, 0}; nanosleep(&ts, nullptr); rssGc = srvRss(); }
  if (O.stall) { S->stallNow = 1; timespec ts = {0, 400000000}; nanosleep(&ts, nullptr); }
  ready = totReady(); uint64_t expect = ready - std::min<uint32_t>(O.stall, ready);

  js("{\"label\":\"%s\",\"protocol\":\"%s\",\"n\":%d,\"procs\":%d,\"sources\":%d,\"size\":%zu,\"deflate\":%s,\"stall\":%d,", esc(O.label).c_str(), O.protoName.c_str(), O.n, O.procs, O.sources, makeBody(1).size(), O.deflate ? "true" : "false", O.stall);
  Hist *ch = new Hist(); memset(ch, 0, sizeof *ch); for (int i = 0; i < O.procs; i++) { for (int b = 0; b < Hist::N; b++) ch->b[b] += S->p[i].conn.b[b]; ch->cnt += S->p[i].conn.cnt; ch->sum += S->p[i].conn.sum; }
  js("\"connect\":{\"ok\":%u,\"failed\":%u,\"seconds\":%.3f,\"per_s\":%.1f,\"server_cpu_s\":%.3f,\"server_cpu_ms_per_conn\":%.4f,\"handshake_ms\":", ready, failed, connSec, ready / std::max(connSec, 1e-9), cpuConn, ready ? cpuConn * 1e3 / ready : 0.0); histJson(*ch); js(",\"error\":\"%s\"},", esc(S->p[0].err).c_str());
  js("\"memory\":{\"rss_idle_mb\":%.1f,\"rss_connected_mb\":%.1f,\"rss_settled_mb\":%.1f,\"rss_after_gc_mb\":%.1f,\"rss_per_conn_kb\":%.2f,\"rss_after_gc_per_conn_kb\":%.2f,\"memavailable_drop_per_conn_kb\":%.2f},", rss0 / 1024, rssConn / 1024, rssSettled / 1024, rssGc / 1024, ready ? (rssSettled - rss0) / ready : 0.0, ready && rssGc ? (rssGc - rss0) / ready : 0.0, ready ? (mem0 - memSettled) / ready : 0.0);

  int seq = 1; MAXMSG > 0 ? (void)0 : (void)0; int warmPhase = (int)O.plan.size();
  for (int w = 0; w < O.warmup; w++) { S->phaseOf[seq] = warmPhase; publish(seq, 0); waitMsg(seq, expect, O.timeout); timespec ts = {0, 200000000}; pubPoll(0); nanosleep(&ts, nullptr); pubPoll(0); seq++; }
  memset(&pubHist, 0, sizeof pubHist); js("\"phases\":["); S->publishing = 1; bool allOk = failed == 0 && ready == (uint32_t)O.n;
  for (size_t ph = 0; ph < O.plan.size(); ph++) {
    Phase &p = O.plan[ph]; if (seq + p.count >= MAXMSG) die("too many messages"); double c0 = srvCpu(), k0 = cliCpu(), b0, st0 = stealIdle(&b0); uint64_t T0 = now_ns(); memset(&pubHist, 0, sizeof pubHist); int first = seq; uint64_t fr0 = 0, pg0 = 0, by0 = 0, dup0 = 0, ooo0 = 0; for (int i = 0; i < O.procs; i++) { fr0 += S->p[i].frames; pg0 += S->p[i].pings; by0 += S->p[i].bytes; dup0 += S->p[i].dups; ooo0 += S->p[i].ooo; }
    double peak = srvRss();
    if (p.kind == "idle") { uint64_t end = T0 + (uint64_t)p.count * 1000000000ull; while (now_ns() < end) pubPoll(100); }
    else if (p.kind == "seq") for (int i = 0; i < p.count; i++, seq++) { S->phaseOf[seq] = ph; publish(seq, 0); waitMsg(seq, expect, O.timeout); peak = std::max(peak, srvRss()); uint64_t end = now_ns() + (uint64_t)(p.param * 1e6); do pubPoll(1); while (now_ns() < end); }
    else if (p.kind == "rate") {
      uint64_t s0 = now_ns() + 50000000ull, lastRss = 0; for (int i = 0; i < p.count; i++, seq++) { S->phaseOf[seq] = ph; uint64_t due = s0 + (uint64_t)(i * 1e9 / p.param); while (now_ns() < due) { uint64_t left = due - now_ns(); pubPoll(left > 2000000 ? 1 : 0); if (now_ns() - lastRss > 100000000ull) { lastRss = now_ns(); peak = std::max(peak, srvRss()); } } publish(seq, due); }
      uint64_t end = now_ns() + (uint64_t)(O.timeout * 1e9); for (int i = first; i < seq; i++) while (sumCount(i) < expect && now_ns() < end) { pubPoll(1); if (now_ns() - lastRss > 100000000ull) { lastRss = now_ns(); peak = std::max(peak, srvRss()); } }
    } else die("unknown phase %s", p.kind.c_str());
    uint64_t waitEnd = now_ns() + 2000000000ull; while (now_ns() < waitEnd) { bool b = false; for (auto &x : PC) b |= x.busy; if (!b) break; pubPoll(5); }
    double secs = (now_ns() - T0) / 1e9, dc = srvCpu() - c0, dk = cliCpu() - k0, b1, st1 = stealIdle(&b1); uint64_t del = 0, fr = 0, pg = 0, by = 0, dup = 0, ooo = 0, bad = 0, rsv = 0, infl = 0, ibad = 0; vector<double> L, F; vector<uint64_t> cnt; uint64_t lastAll = 0;
    for (int i = first; i < seq; i++) { uint64_t f = ~0ull, l = 0, n = 0; for (int k = 0; k < O.procs; k++) { Slot &s = S->p[k].slot[i]; if (s.count) { f = std::min(f, s.first); l = std::max(l, s.last); n += s.count; } } del += n; cnt.push_back(n); lastAll = std::max(lastAll, l); if (n) F.push_back((f - S->t0[i]) / 1e6); if (n >= expect && n) L.push_back((l - S->t0[i]) / 1e6); }
    Hist *h = new Hist(); memset(h, 0, sizeof *h); for (int i = 0; i < O.procs; i++) { ProcStat &s = S->p[i]; for (int b = 0; b < Hist::N; b++) h->b[b] += s.lat[ph].b[b]; h->cnt += s.lat[ph].cnt; h->sum += s.lat[ph].sum; fr += s.frames; pg += s.pings; by += s.bytes; dup += s.dups; ooo += s.ooo; bad += s.badEnd; rsv += s.rsv1; infl += s.inflated; ibad += s.inflateBad; }
    dup -= dup0; ooo -= ooo0; uint64_t miss = (uint64_t)p.count * expect; if (p.kind == "idle") miss = 0; miss = miss > del ? miss - del : 0; if (miss || dup || (ooo && p.kind == "seq")) allOk = false;
    js("%s{\"kind\":\"%s\",\"count\":%d,\"param\":%g,\"wall_s\":%.3f,\"server_cpu_s\":%.3f,\"client_cpu_s\":%.3f,\"machine_busy_cpu_s\":%.2f,\"steal_s\":%.2f,\"rss_mb\":%.1f,\"rss_peak_mb\":%.1f,\"frames\":%lu,\"pings\":%lu,\"bytes_in\":%lu", ph ? "," : "", p.kind.c_str(), p.count, p.param, secs, dc, dk, b1 - b0, st1 - st0, srvRss() / 1024, peak / 1024, fr - fr0, pg - pg0, by - by0);
    if (p.kind != "idle") {
      js(",\"delivered\":%lu,\"missing\":%lu,\"dups\":%lu,\"out_of_order\":%lu,\"bad_end\":%lu,\"complete_messages\":%zu,", del, miss, dup, ooo, bad, L.size());
      js("\"last_ms\":{\"median\":%.2f,\"min\":%.2f,\"p90\":%.2f,\"max\":%.2f},\"first_ms\":{\"median\":%.2f,\"max\":%.2f},\"latency_ms\":", q(L, .5), q(L, 0), q(L, .9), q(L, 1), q(F, .5), q(F, 1)); histJson(*h);
      js(",\"deliveries_per_s\":%.0f,\"wall_deliveries_per_s\":%.0f,\"server_cpu_s_per_1m\":%.3f,\"client_cpu_s_per_1m\":%.3f,\"publish_http_ms\":", L.empty() ? 0 : expect / (q(L, .5) / 1e3), lastAll > S->t0[first] ? del / ((lastAll - S->t0[first]) / 1e9) : 0.0, del ? dc * 1e6 / del : 0, del ? dk * 1e6 / del : 0); histJson(pubHist);
      if (rsv) js(",\"rsv1_frames\":%lu,\"inflated\":%lu,\"inflate_bad\":%lu", rsv, infl, ibad);
      if (O.perMsg) { js(",\"last_all_ms\":["); for (size_t i = 0; i < L.size(); i++) js("%s%.2f", i ? "," : "", L[i]); js("],\"counts\":["); for (size_t i = 0; i < cnt.size(); i++) js("%s%lu", i ? "," : "", cnt[i]); js("]"); }
      note("%s: last median %.1f ms max %.1f, missing %lu dups %lu ooo %lu, cpu/1M server %.2f s client %.2f s", p.kind.c_str(), q(L, .5), q(L, 1), miss, dup, ooo, del ? dc * 1e6 / del : 0, del ? dk * 1e6 / del : 0);
    }
    js("}");
  }
  uint64_t closed = 0; for (int i = 0; i < O.procs; i++) closed += S->p[i].closed; if (closed || pubErrors) allOk = false; string er; for (int i = 0; i < O.procs; i++) if (S->p[i].err[0]) { er = S->p[i].err; break; }
  js("],\"closed_during_run\":%lu,\"publish_errors\":%d,\"publish_error\":\"%s\",\"reader_error\":\"%s\",\"ok\":%s}", closed, pubErrors, esc(pubErrText).c_str(), esc(er).c_str(), allOk ? "true" : "false");
  S->stop = 1; for (pid_t k : kids) { int st; waitpid(k, &st, 0); }
  puts(J.c_str()); return allOk ? 0 : 1;
}
