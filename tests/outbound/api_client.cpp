#include "outbound/api_client.hpp"

#include "domain/base/errors.hpp"
#include "tests/support/scripted_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#define CAF_SUITE outbound.api_client
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using waybill::testing::scripted_answer;
using waybill::testing::scripted_request;
using waybill::testing::scripted_server;

namespace {

// Sends the requests one after the other.
std::vector<outbound::http_result> send_all(const std::string& url, std::vector<outbound::api_request> list,
                                            outbound::api_client_options options = {}) {
  boost::asio::io_context context{1};
  outbound::api_client client{context.get_executor(), outbound::parse_api_server(url).value(), options};
  std::vector<outbound::http_result> out;
  const auto body = [&]() -> boost::asio::awaitable<void> {
    for (auto& request : list)
      out.push_back(co_await client.send(request));
  };
  boost::asio::co_spawn(context, body(), boost::asio::detached);
  context.run();
  return out;
}

outbound::api_request get(std::string target) {
  outbound::api_request out;
  out.target = std::move(target);
  return out;
}

outbound::api_request post(std::string body) {
  outbound::api_request out;
  out.method = "POST";
  out.body = std::move(body);
  return out;
}

scripted_answer echo(const scripted_request& request) {
  return {200, request.method + " " + request.target + " " + request.body};
}

} // namespace

SCENARIO("an API is at a host, perhaps a port and a path, and nothing else") {
  const auto whole = outbound::parse_api_server("http://127.0.0.1:4000/shop/");
  REQUIRE(whole.has_value());
  CHECK_EQ(whole->url.host, "127.0.0.1");
  CHECK_EQ(whole->url.port, 4000);
  CHECK_EQ(whole->url.below("/v1/orders").target, "/shop/v1/orders");
  CHECK(outbound::parse_api_server("https://localhost").value().url.secure);
  for (const auto* bad : {"", "localhost:4000", "ftp://localhost", "http://", "http://a:99999", "http://u:p@a",
                          "http://a/?q=1", "http://a/#f", "http://a b"})
    CHECK(outbound::parse_api_server(bad).has_error());
}

SCENARIO("the token goes with every request") {
  scripted_server server{[](const scripted_request& request) -> scripted_answer {
    return {200, request.headers["authorization"]};
  }};
  boost::asio::io_context context{1};
  auto target = outbound::parse_api_server(server.url()).value();
  target.token = "secret";
  outbound::api_client client{context.get_executor(), std::move(target)};
  std::string body;
  const auto ask = [&]() -> boost::asio::awaitable<void> {
    const auto answer = co_await client.send(get("/a"));
    body = answer ? answer->body : answer.error().detail;
  };
  boost::asio::co_spawn(context, ask(), boost::asio::detached);
  context.run();
  CHECK_EQ(body, "Bearer secret");
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
  for (const auto& answer : got)
    CHECK(answer.has_value());
  CHECK_EQ(server.connections(), 3);
}

SCENARIO("a POST without a key is never repeated by itself") {
  int posts = 0;
  scripted_server server{[&](const scripted_request& request) -> scripted_answer {
    scripted_answer out;
    out.hang_up = request.method == "POST";
    posts += out.hang_up ? 1 : 0;
    return out;
  }};
  const auto got = send_all(server.url(), {get("/a"), post("{}")});
  CHECK(got[0].has_value());
  REQUIRE(got[1].has_error());
  CHECK_EQ(got[1].error().code, ec::unavailable);
  CHECK_EQ(server.requests(), 2);
}

SCENARIO("a request without an answer ends at its time-out and the next request works") {
  scripted_server server{[](const scripted_request& request) -> scripted_answer {
    scripted_answer out;
    out.silent = request.target == "/silent";
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
  outbound::api_client_options options;
  options.max_connections = 2;
  outbound::api_client client{context.get_executor(), outbound::parse_api_server(server.url()).value(), options};
  int good = 0;
  const auto ask = [&]() -> boost::asio::awaitable<void> {
    const auto got = co_await client.send(get("/a"));
    good += got.has_value() ? 1 : 0;
  };
  for (int i = 0; i < 50; ++i)
    boost::asio::co_spawn(context, ask(), boost::asio::detached);
  context.run();
  CHECK_EQ(good, 50);
  CHECK_EQ(server.connections(), 2);
}

SCENARIO("an answer larger than the limit is refused") {
  scripted_server server{[](const scripted_request&) -> scripted_answer { return {200, std::string(10'000, 'x')}; }};
  outbound::api_client_options options;
  options.max_body_bytes = 1'000;
  const auto got = send_all(server.url(), {get("/a")}, options);
  REQUIRE(got[0].has_error());
  CHECK_EQ(got[0].error().code, ec::internal);
}
