#include "outbound/tool_client.hpp"

#include "domain/base/errors.hpp"
#include "tests/support/scripted_server.hpp"

#define CAF_SUITE scenarios.http_client
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;

namespace {

// Sends the requests one after the other.
std::vector<result<outbound::response>> send_all(const std::string& url, std::vector<outbound::request> list,
                                                 outbound::client_options options = {}) {
  boost::asio::io_context context{1};
  outbound::client client{context.get_executor(), outbound::parse_url(url).value(), options};
  std::vector<result<outbound::response>> out;
  const auto body = [&]() -> boost::asio::awaitable<void> {
    for (auto& one : list)
      out.push_back(co_await client.send(one));
  };
  boost::asio::co_spawn(context, body(), boost::asio::detached);
  context.run();
  return out;
}

outbound::request get(std::string target) {
  outbound::request out;
  out.target = std::move(target);
  return out;
}

outbound::request post(std::string body) {
  outbound::request out;
  out.method = "POST";
  out.body = std::move(body);
  return out;
}

scripted_answer echo(const scripted_request& what) {
  return {200, what.method + " " + what.target + " " + what.body};
}

} // namespace

SCENARIO("a URL is http, a host, perhaps a port and a path, and nothing else") {
  const auto whole = outbound::parse_url("http://127.0.0.1:4000/shop/");
  REQUIRE(whole.has_value());
  CHECK_EQ(whole->host, "127.0.0.1");
  CHECK_EQ(whole->port, "4000");
  CHECK_EQ(whole->prefix, "/shop");
  CHECK_EQ(outbound::parse_url("http://localhost").value().port, "80");
  CHECK_EQ(outbound::parse_url("http://[::1]:8080").value().host, "::1");
  for (const auto* bad : {"", "localhost:4000", "https://localhost", "http://", "http://a:99999", "http://u:p@a",
                          "http://a/?q=1", "http://a/#f", "http://a b"})
    CHECK(outbound::parse_url(bad).has_error());
}

SCENARIO("values are escaped for a query") {
  CHECK_EQ(outbound::escape("ord_0-9.~"), "ord_0-9.~");
  CHECK_EQ(outbound::escape("a b&c=\xc3\xa9"), "a%20b%26c%3D%C3%A9");
}

SCENARIO("one connection serves requests that follow each other") {
  scripted_server server{echo};
  const auto got = send_all(server.url() + "/base", {get("/a"), post("{}"), get("/c")});
  REQUIRE(got.size() == 3);
  CHECK_EQ(got[0].value().body, "GET /base/a ");
  CHECK_EQ(got[1].value().body, "POST /base/ {}");
  CHECK_EQ(got[2].value().status, 200u);
  CHECK_EQ(server.connections(), 1);
}

SCENARIO("a kept connection that the server closed is replaced for a GET") {
  scripted_server server{[](const scripted_request&) -> scripted_answer {
    scripted_answer out;
    out.close_after = true;
    return out;
  }};
  const auto got = send_all(server.url(), {get("/a"), get("/b"), get("/c")});
  for (const auto& one : got)
    CHECK(one.has_value());
  CHECK_EQ(server.connections(), 3);
}

SCENARIO("a POST without a key is never repeated by itself") {
  int posts = 0;
  scripted_server server{[&](const scripted_request& what) -> scripted_answer {
    scripted_answer out;
    out.hang_up = what.method == "POST";
    posts += out.hang_up ? 1 : 0;
    return out;
  }};
  const auto got = send_all(server.url(), {get("/a"), post("{}")});
  CHECK(got[0].has_value());
  REQUIRE(got[1].has_error());
  CHECK_EQ(got[1].error().code, ec::unavailable);
  CHECK_EQ(server.requests(), 2);
}

SCENARIO("silence ends at the time-out and the next request works") {
  scripted_server server{[](const scripted_request& what) -> scripted_answer {
    scripted_answer out;
    out.silent = what.target == "/silent";
    return out;
  }};
  auto silent = get("/silent");
  silent.timeout = milliseconds{20};
  const auto got = send_all(server.url(), {silent, get("/b")});
  REQUIRE(got[0].has_error());
  CHECK_EQ(got[0].error().code, ec::timed_out);
  CHECK(got[1].has_value());
}

SCENARIO("requests beyond the pool's size wait for a connection") {
  scripted_server server{echo};
  boost::asio::io_context context{1};
  outbound::client_options options;
  options.max_connections = 2;
  outbound::client client{context.get_executor(), outbound::parse_url(server.url()).value(), options};
  int good = 0;
  const auto one = [&]() -> boost::asio::awaitable<void> {
    const auto got = co_await client.send(get("/a"));
    good += got.has_value() ? 1 : 0;
  };
  for (int i = 0; i < 50; ++i)
    boost::asio::co_spawn(context, one(), boost::asio::detached);
  context.run();
  CHECK_EQ(good, 50);
  CHECK_EQ(server.connections(), 2);
}

SCENARIO("an answer larger than the limit is refused") {
  scripted_server server{[](const scripted_request&) -> scripted_answer { return {200, std::string(10'000, 'x')}; }};
  outbound::client_options options;
  options.max_body_bytes = 1'000;
  const auto got = send_all(server.url(), {get("/a")}, options);
  REQUIRE(got[0].has_error());
  CHECK_EQ(got[0].error().code, ec::internal);
}
