#include "bench/result_json.hpp"

#include <boost/json/serialize.hpp>

#include <cstdio>

namespace json = boost::json;

namespace waybill::bench {

std::string to_text(const json::value& value) {
  if (value.is_double()) {
    char out[64];
    std::snprintf(out, sizeof out, "%.3f", value.get_double());
    return out;
  }
  if (!value.is_object())
    return json::serialize(value);
  std::string out;
  for (const auto& [key, member] : value.get_object())
    out += (out.empty() ? "" : ", ") + json::serialize(json::value(key)) + ": " + to_text(member);
  return "{" + out + "}";
}

json::object in_milliseconds(const histogram& times) {
  const auto ms = [&](double share) { return static_cast<double>(times.quantile(share)) / 1000; };
  return {{"p50", ms(0.5)}, {"p99", ms(0.99)}, {"p99.9", ms(0.999)}, {"max", static_cast<double>(times.max()) / 1000}};
}

json::object to_object(const std::map<std::string, std::uint64_t>& counts) {
  json::object out;
  for (const auto& [name, count] : counts)
    out[name] = count;
  return out;
}

} // namespace waybill::bench
