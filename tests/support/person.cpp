#include "tests/support/person.hpp"

#include "tests/support/eventually.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <stdexcept>
#include <utility>

namespace waybill::test {

namespace json = boost::json;

outbound::http_response person::send(const std::string& method, const std::string& target,
                                     const std::string& body) const {
  outbound::api_request request{method, target, {}, body, std::chrono::seconds{60}};
  if (!token.empty())
    request.headers.emplace_back("Authorization", "Bearer " + token);
  auto answer = call(url, std::move(request));
  if (!answer)
    throw std::runtime_error(answer.error().detail);
  return std::move(*answer);
}

std::string credentials(const std::string& email, const std::string& password) {
  return json::serialize(json::value{{"email", email}, {"password", password}});
}

outbound::http_response sign_up(const person& nobody, const std::string& name) {
  return nobody.send(
    "POST", "/v1/auth/register",
    json::serialize(json::value{{"email", name + "@example.com"}, {"password", a_password}, {"name", name}}));
}

person sign_in(const person& nobody, const std::string& email, const std::string& password) {
  outbound::http_response answer;
  const bool in = eventually([&] {
    answer = nobody.send("POST", "/v1/auth/login", credentials(email, password));
    return answer.status == 200;
  });
  if (!in)
    throw std::runtime_error(email + " cannot sign in: " + answer.body);
  return nobody.with(text_at(answer.body, "/access_token"));
}

std::string make_product(const person& admin) {
  const auto made = admin.send("POST", "/v1/products",
                               R"({"sku":"tea","name":"Tea","price":{"amount":500,"currency":"EUR"},"on_hand":100})");
  if (made.status != 201)
    throw std::runtime_error("no product: " + made.body);
  return text_at(made.body, "/id");
}

std::string order_for_one(const std::string& product) {
  return json::serialize(json::value{{"lines", json::array{{{"product_id", product}, {"quantity", 1}}}},
                                     {"payment", {{"method", "card"}, {"token", "tok_ok"}}},
                                     {"delivery", {{"name", "Ada"}, {"address", "Main Street 1"}}}});
}

} // namespace waybill::test
