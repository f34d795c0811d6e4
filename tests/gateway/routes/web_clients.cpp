#include "tests/gateway/support/support.hpp"

#include <regex>

#define CAF_SUITE gateway.web_clients
#include <caf/test/bdd_dsl.hpp>

using namespace waybill;
using namespace waybill::test;

namespace {

/// The files of web/ that a page loads; none where web/ was not built.
std::vector<std::string> files_of(const std::string& page) {
  std::vector<std::string> files;
  const std::regex reference{R"re((?:src|href)="(/web/[^"]+)")re"};
  for (std::sregex_iterator at{page.begin(), page.end(), reference}; at != std::sregex_iterator{}; ++at)
    files.push_back(at->str(1));
  return files;
}

} // namespace

SCENARIO("a client of the browser answers at its address and at all below it") {
  fixture f;
  for (const std::string client : {"/shop", "/courier", "/console"}) {
    const auto first = f.send("GET", client);
    CHECK_EQ(first.status, 200u);
    CHECK_EQ(first.header("Content-Type"), "text/html; charset=utf-8");
    CHECK_EQ(first.header("Cache-Control"), "no-cache");
    for (const std::string below : {"/", "/orders", "/orders/ord_00000000000000000001", "/a/b/c/d"}) {
      const auto got = f.send("GET", client + below);
      CHECK_EQ(got.status, 200u);
      CHECK_EQ(got.body, first.body);
      const auto head = f.send("HEAD", client + below);
      CHECK_EQ(head.header("ETag"), got.header("ETag"));
      CHECK_EQ(head.header("Content-Length"), got.header("Content-Length"));
    }
    CHECK_EQ(f.send("POST", client + "/orders").status, 405u);
  }
  CHECK_EQ(f.send("GET", "/shops").status, 404u);
  CHECK_EQ(f.send("GET", "/shops/a/b").status, 404u);
}

SCENARIO("no page has a script or a style in it, or names another host") {
  fixture f;
  for (const std::string path : {"/", "/shop", "/courier", "/console", "/scenarios"}) {
    const auto got = f.send("GET", path);
    CHECK_EQ(got.body.find("://"), std::string::npos);
    CHECK_EQ(got.body.find("<style"), std::string::npos);
    CHECK_EQ(got.body.find(" style="), std::string::npos);
    CHECK(!std::regex_search(got.body, std::regex{"<script[^>]*>[^<]"}));
    CHECK_EQ(got.header("Content-Security-Policy").find("unsafe"), std::string::npos);
  }
}

SCENARIO("a page's files are cached for ever, and the elements are revalidated, also for allowed other origins") {
  fixture f{[](gateway_config& config) { config.allowed_origins = {"https://shop.example"}; }};
  for (const auto& file : files_of(f.send("GET", "/shop").body)) {
    const auto got = f.send("GET", file, "", {{"Origin", "https://shop.example"}});
    CHECK_EQ(got.status, 200u);
    CHECK_EQ(got.header("Access-Control-Allow-Origin"), "https://shop.example");
    const bool is_asset = file.starts_with("/web/assets/");
    CHECK_EQ(got.header("Cache-Control"), is_asset ? "public, max-age=31536000, immutable" : "no-cache");
    CHECK_EQ(f.send("GET", file, "", {{"If-None-Match", got.header("ETag")}}).status, 304u);
  }
  CHECK_EQ(f.send("GET", "/web/assets/nothing-00000000.js").status, 404u);
  CHECK_EQ(f.send("GET", "/web/elements/nothing.js").status, 404u);
}

SCENARIO("the payment methods name the provider, so that a client knows whether to show test cards") {
  fixture simulated;
  const auto methods = simulated.send("GET", "/v1/payment-methods").json();
  CHECK_EQ(methods.at("items").at(0).at("provider").as_string(), "simulated");
  fixture real{[](gateway_config& config) { config.payment_provider = "http"; }};
  CHECK_EQ(real.send("GET", "/v1/payment-methods").json().at("items").at(0).at("provider").as_string(), "http");
}
