#include "gateway/streams/subscription_frame.hpp"

#include "gateway/events/event_filter.hpp"

namespace waybill::http {

subscribe_frame read_subscription_frame(const boost::json::value& frame, std::vector<field_error>& errors) {
  object_reader from{frame, "", errors};
  from.optional("type");
  subscribe_frame made;
  made.id = from.text("id", {1, 64});
  const auto after = from.optional_text("after", {1, 64}).value_or(std::string{latest});
  made.after = parse_log_position(after);
  made.from_earliest = after == earliest;
  if (!made.after && !made.from_earliest && after != latest)
    from.complain("after", "is not a position in the log");
  auto& filter = made.filter;
  if (const auto* given = from.optional("filter")) {
    object_reader narrow_by{*given, "/filter", errors};
    filter.order = narrow_by.optional_text("order", {0, 64}).value_or("");
    filter.customer = narrow_by.optional_text("customer", {0, 64}).value_or("");
    if (narrow_by.optional("types"))
      filter.types = to_words(narrow_by.array("types", {0, 16}));
    narrow_by.finish();
  }
  from.finish();
  if (auto wrong = check_filter(filter); !wrong.empty())
    errors.push_back({"/filter/types", std::move(wrong)});
  return made;
}

} // namespace waybill::http
