#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace waybill::scenarios {

/// One JSON object that is read strictly: `done` refuses members that were never asked for. Every function throws
/// invalid_story with the place of the trouble as a JSON pointer. Refers to `object`, which must outlive it.
class fields {
public:
  fields(const boost::json::value& object, std::string where);

  [[nodiscard]] bool has(std::string_view key) const;
  /// The name of the one member.
  [[nodiscard]] std::string only_member() const;
  /// Not empty.
  std::string text(std::string_view key);
  std::int64_t number(std::string_view key, std::int64_t min, std::int64_t max);
  bool flag(std::string_view key);
  fields object(std::string_view key);
  const boost::json::value& any(std::string_view key);
  std::vector<fields> objects(std::string_view key);
  std::vector<boost::json::value> values(std::string_view key);
  /// Not empty.
  std::vector<std::string> texts(std::string_view key);
  std::vector<std::int64_t> numbers(std::string_view key, std::int64_t min, std::int64_t max);

  [[noreturn]] void refuse(std::string_view key, const std::string& why) const;
  void done() const;

private:
  const boost::json::array& list(std::string_view key);

  const boost::json::object* object_ = nullptr;
  std::string where_;
  std::set<std::string, std::less<>> asked_;
};

} // namespace waybill::scenarios
