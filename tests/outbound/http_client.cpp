#include "outbound/http_client.hpp"

#include "domain/base/errors.hpp"
#include "outbound/blocking_request.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scripted_server.hpp"
#include "tests/support/temp_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#define CAF_SUITE outbound.http_client
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;
using namespace std::chrono_literals;
using outbound::http_client;
using outbound::http_client_options;
using outbound::http_request;
using outbound::http_result;
using testing::scripted_answer;
using testing::scripted_request;
using testing::scripted_server;

namespace {

namespace asio = boost::asio;

http_request to(const std::string& url, std::string method = "GET") {
  http_request request;
  request.method = std::move(method);
  request.url = outbound::parse_http_url(url).value();
  if (request.method == "POST")
    request.body = "{}";
  return request;
}

std::future<http_result> begin(http_client& client, http_request request) {
  const auto told = std::make_shared<std::promise<http_result>>();
  client.send(std::move(request), [told](http_result answer) { told->set_value(std::move(answer)); });
  return told->get_future();
}

http_result send(http_client& client, http_request request) {
  return begin(client, std::move(request)).get();
}

std::shared_ptr<http_client> make(http_client_options options = {}) {
  return http_client::make(std::move(options)).value();
}

/// A server on a free loopback port that shakes hands and answers 200 to everything.
class tls_server {
public:
  explicit tls_server(const certificate_and_key& own) : acceptor_{io_, {asio::ip::address_v4::loopback(), 0}} {
    tls_.use_certificate_chain(asio::buffer(own.certificate));
    tls_.use_private_key(asio::buffer(own.key), asio::ssl::context::pem);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~tls_server() {
    stopping_ = true;
    boost::system::error_code ignored;
    asio::io_context own;
    asio::ip::tcp::socket wake{own};
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  [[nodiscard]] std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  [[nodiscard]] int requests() const { return requests_; }

private:
  void serve() {
    while (!stopping_) {
      boost::system::error_code trouble;
      asio::ssl::stream<asio::ip::tcp::socket> peer{acceptor_.accept(), tls_};
      if (stopping_)
        break;
      peer.handshake(asio::ssl::stream_base::server, trouble);
      if (trouble)
        continue;
      std::string head(4096, '\0');
      peer.read_some(asio::buffer(head), trouble);
      if (trouble)
        continue;
      ++requests_;
      asio::write(peer,
                  asio::buffer(std::string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"}),
                  trouble);
    }
  }

  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

/// Sends one of the texts, octet by octet, to each connection and closes it.
class raw_server {
public:
  explicit raw_server(std::vector<std::string> texts) : texts_{std::move(texts)} {
    thread_ = std::thread{[this] { serve(); }};
  }
  ~raw_server() { thread_.join(); }

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }

private:
  void serve() {
    for (const auto& text : texts_) {
      auto peer = acceptor_.accept();
      std::string head(4096, '\0');
      boost::system::error_code ignored;
      peer.set_option(asio::ip::tcp::no_delay{true}, ignored);
      peer.read_some(asio::buffer(head), ignored);
      for (const char& octet : text)
        asio::write(peer, asio::buffer(&octet, 1), ignored);
    }
  }

  std::vector<std::string> texts_;
  asio::io_context io_;
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
  std::thread thread_;
};

scripted_answer hello(const scripted_request& request) {
  return {200, request.method + " " + request.target + " " + request.body};
}

} // namespace

SCENARIO("one connection is kept for requests that follow each other") {
  scripted_server server{hello};
  const auto client = make();
  CHECK_EQ(send(*client, to(server.url() + "/a")).value().body, "GET /a ");
  CHECK_EQ(send(*client, to(server.url() + "/b?c=d", "POST")).value().body, "POST /b?c=d {}");
  CHECK_EQ(send(*client, to(server.url())).value().status, 200u);
  CHECK_EQ(server.connections(), 1);
}

SCENARIO("a request that the server cannot have received is told from one that it may have received") {
  std::string nobody;
  {
    scripted_server gone{hello};
    nobody = gone.url();
  }
  const auto client = make();
  const auto unreached = send(*client, to(nobody, "POST"));
  REQUIRE(unreached.has_error());
  CHECK_EQ(unreached.error().code, ec::unavailable);
  CHECK(!unreached.error().sent);
  // A label that is too long for any name, so that no name server is asked.
  const auto unresolved = send(*client, to("http://" + std::string(64, 'a') + "/", "POST"));
  REQUIRE(unresolved.has_error());
  CHECK(!unresolved.error().sent);
  scripted_server server{[](const scripted_request&) {
    scripted_answer out;
    out.hang_up = true;
    return out;
  }};
  auto request = to(server.url(), "POST");
  request.repeatable = true;
  const auto broken = send(*client, request);
  REQUIRE(broken.has_error());
  CHECK_EQ(broken.error().code, ec::unavailable);
  CHECK(broken.error().sent);
  CHECK_EQ(server.requests(), 1);
}

SCENARIO("a request that fails on a kept connection is repeated over a new one, if that is safe") {
  for (const bool safe : {true, false}) {
    std::atomic<int> asked = 0;
    scripted_server server{[&](const scripted_request&) {
      scripted_answer out;
      out.hang_up = ++asked == 2;
      return out;
    }};
    const auto client = make();
    CHECK(send(*client, to(server.url(), "POST")).has_value());
    auto request = to(server.url(), "POST");
    request.repeatable = safe;
    const auto second = send(*client, request);
    CHECK_EQ(second.has_value(), safe);
    CHECK_EQ(server.requests(), safe ? 3 : 2);
    CHECK_EQ(send(*client, to(server.url(), "POST")).value().status, 200u);
  }
}

SCENARIO("a request without an answer ends at its time-out, and the next request works") {
  scripted_server server{[](const scripted_request& request) {
    scripted_answer out;
    out.silent = request.target == "/silent";
    return out;
  }};
  const auto client = make();
  auto silent = to(server.url() + "/silent");
  silent.timeout = 50ms;
  const auto unanswered = send(*client, silent);
  REQUIRE(unanswered.has_error());
  CHECK_EQ(unanswered.error().code, ec::timed_out);
  CHECK(unanswered.error().sent);
  CHECK(send(*client, to(server.url())).has_value());
}

SCENARIO("requests above the connection limit of a host wait, those to other hosts do not") {
  const auto script = [](const scripted_request& request) {
    scripted_answer out;
    out.silent = request.target == "/silent";
    return out;
  };
  scripted_server busy{script};
  scripted_server other{script};
  const auto client = make({.max_connections_per_host = 1});
  auto silent = to(busy.url() + "/silent");
  silent.timeout = 30s;
  auto first = begin(*client, silent);
  CHECK(eventually([&] { return busy.requests() == 1; }));
  auto late = to(busy.url());
  late.timeout = 50ms;
  const auto waited = send(*client, late);
  REQUIRE(waited.has_error());
  CHECK_EQ(waited.error().code, ec::timed_out);
  CHECK(!waited.error().sent);
  CHECK(send(*client, to(other.url())).has_value());
  CHECK_EQ(busy.requests(), 1);
  client->stop();
  CHECK_EQ(first.get().error().code, ec::shutting_down);
}

SCENARIO("fifty requests share two connections and all are answered") {
  scripted_server server{hello};
  const auto client = make({.max_connections_per_host = 2});
  std::vector<std::future<http_result>> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(begin(*client, to(server.url())));
  for (auto& answer : all)
    CHECK(answer.get().has_value());
  CHECK_EQ(server.connections(), 2);
}

SCENARIO("too many requests are refused at once and counted as not sent") {
  scripted_server server{[](const scripted_request&) {
    scripted_answer out;
    out.silent = true;
    return out;
  }};
  const auto client = make({.max_requests = 1});
  auto first = begin(*client, to(server.url()));
  CHECK(eventually([&] { return server.requests() == 1; }));
  const auto refused = send(*client, to(server.url()));
  REQUIRE(refused.has_error());
  CHECK_EQ(refused.error().code, ec::overloaded);
  CHECK(!refused.error().sent);
}

SCENARIO("an answer that is too large is refused, and a redirection is an answer like any other") {
  scripted_server server{[](const scripted_request& request) -> scripted_answer {
    if (request.target == "/large")
      return {200, std::string(10'000, 'x')};
    return {302, "elsewhere"};
  }};
  const auto client = make({.max_body = 1'000});
  const auto large = send(*client, to(server.url() + "/large"));
  REQUIRE(large.has_error());
  CHECK_EQ(large.error().code, ec::internal);
  CHECK(large.error().sent);
  CHECK_EQ(send(*client, to(server.url() + "/moved")).value().status, 302u);
  CHECK_EQ(server.requests(), 2);
}

SCENARIO("stop ends requests under way, and later requests fail at once") {
  scripted_server server{[](const scripted_request&) {
    scripted_answer out;
    out.silent = true;
    return out;
  }};
  const auto client = make();
  auto open = begin(*client, to(server.url()));
  CHECK(eventually([&] { return server.requests() == 1; }));
  client->stop();
  const auto ended = open.get();
  REQUIRE(ended.has_error());
  CHECK_EQ(ended.error().code, ec::shutting_down);
  CHECK(ended.error().sent);
  const auto later = send(*client, to(server.url()));
  REQUIRE(later.has_error());
  CHECK_EQ(later.error().code, ec::shutting_down);
  CHECK(!later.error().sent);
}

SCENARIO("a server needs a certificate for its name or address from a known authority to get a request") {
  const temp_folder folder;
  const test_authority known{"known"};
  const test_authority stranger{"stranger"};
  write_file(folder / "ca.pem", known.certificate());
  const auto client = make({.ca_file = folder / "ca.pem"});
  const certificate_options for_both{.names = "DNS:localhost,IP:127.0.0.1"};
  {
    tls_server good{known.issue("server", for_both)};
    CHECK_EQ(send(*client, to("https://localhost:" + good.port() + "/")).value().body, "ok");
    CHECK_EQ(send(*client, to("https://127.0.0.1:" + good.port() + "/")).value().body, "ok");
  }
  tls_server other_name{known.issue("server", {.names = "DNS:elsewhere.example"})};
  tls_server untrusted{stranger.issue("server", for_both)};
  tls_server expired{known.issue("server", {.ends = std::chrono::hours{-1}, .names = "DNS:localhost,IP:127.0.0.1"})};
  for (const auto* server : {&other_name, &untrusted, &expired})
    for (const auto* host : {"localhost", "127.0.0.1"}) {
      const auto refused = send(*client, to("https://" + std::string{host} + ':' + server->port() + "/", "POST"));
      REQUIRE(refused.has_error());
      CHECK_EQ(refused.error().code, ec::unavailable);
      CHECK(!refused.error().sent);
      CHECK_EQ(server->requests(), 0);
    }
}

SCENARIO("without verification any certificate is accepted") {
  const test_authority stranger{"stranger"};
  tls_server server{stranger.issue("server", {.names = "DNS:elsewhere.example"})};
  const auto request = to("https://127.0.0.1:" + server.port() + "/");
  CHECK(outbound::send_and_wait(request).has_error());
  CHECK_EQ(outbound::send_and_wait(request, {.verify_certificates = false}).value().body, "ok");
}

SCENARIO("a response without a length ends with the connection, and one with a length must be complete") {
  raw_server server{{"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil the end",
                     "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "HTTP/1.1 2", "SSH-2.0-OpenSSH\r\n",
                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}};
  const auto client = make();
  CHECK_EQ(send(*client, to(server.url())).value().body, "until the end");
  CHECK_EQ(send(*client, to(server.url())).error().code, ec::unavailable);
  CHECK_EQ(send(*client, to(server.url())).error().code, ec::unavailable);
  CHECK_EQ(send(*client, to(server.url())).error().code, ec::internal);
  CHECK_EQ(send(*client, to(server.url())).value().body, "abcde");
}

SCENARIO("with head_only an answer is complete after its head") {
  raw_server server{{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "HTTP/1.1 204 No Content\r\n\r\n",
                     "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk",
                     "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n" + std::string(5'000, 'x'),
                     "HTTP/1.1 200 OK\r\n\r\nuntil the end", "HTTP/1.1 2"}};
  const auto client = make({.max_body = 1'000});
  const auto status = [&] {
    auto request = to(server.url());
    request.head_only = true;
    const auto answer = send(*client, request);
    return answer.has_value() ? int(answer->status) : 0;
  };
  for (const auto expected : {200, 204, 202, 200, 200, 0})
    CHECK_EQ(status(), expected);
}

SCENARIO("with head_only a connection is used again only if its whole answer arrived") {
  scripted_server server{[](const scripted_request& request) -> scripted_answer {
    return {200, std::string(request.target == "/large" ? 3'000'000 : 10, 'x')};
  }};
  const auto client = make();
  const auto post = [&](const std::string& path) {
    auto request = to(server.url() + path);
    request.head_only = true;
    return send(*client, request).value().status;
  };
  CHECK_EQ(post("/small"), 200u);
  CHECK_EQ(post("/large"), 200u);
  CHECK_EQ(post("/small"), 200u);
  CHECK_EQ(server.requests(), 3);
}

SCENARIO("a file of authorities without a certificate is refused") {
  const temp_folder folder;
  write_file(folder / "ca.pem", "nothing");
  CHECK(http_client::make({.ca_file = folder / "ca.pem"}).has_error());
  CHECK(http_client::make({.ca_file = folder / "absent.pem"}).has_error());
}
