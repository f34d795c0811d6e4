#include "shell/views/trace_view.hpp"

#include "domain/base/ids.hpp"
#include "domain/json/utf8.hpp"
#include "domain/order/order_streams.hpp"
#include "domain/order/revision.hpp"
#include "shell/views/listing.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace waybill::shell {

namespace {

/// Lines come one by one: the columns are as wide as most need.
constexpr std::array<std::size_t, 6> trace_columns{15, 7, 14, 14, 24, 10};

std::string padded_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i >= trace_columns.size())
      continue;
    const auto used = count_code_points(cells[i]);
    line.append(used < trace_columns[i] ? trace_columns[i] - used + 2 : 2, ' ');
  }
  // Nothing follows the last cell that says something.
  line.erase(line.find_last_not_of(' ') + 1);
  return line + '\n';
}

/// `payment`, `payment 2` (`pay_....2`), `product 5t9qra`: what belongs to the order needs no id.
std::string short_name(const std::string& whom, const std::string& traced) {
  constexpr std::size_t shown = 6;
  const auto is_of = [&](std::string_view prefix) { return whom.starts_with(prefix); };
  const auto ending = [&] { return whom.substr(whom.size() - std::min(shown, whom.size())); };
  if (is_of(product_id::prefix()))
    return "product " + ending();
  if (is_of(courier_id::prefix()))
    return "courier " + ending();
  if (!is_stream_of_order(whom, traced))
    return whom;
  if (is_of(payment_id::prefix())) {
    const auto first = order::without_number(whom).size();
    return first == whom.size() ? "payment" : "payment " + whom.substr(first + 1);
  }
  return is_of(delivery_id::prefix()) ? "delivery" : "order";
}

std::string sender_cell(const trace_line& line, const std::string& order) {
  if (!line.from.empty())
    return short_name(line.from, order);
  return line.from_node.empty() ? "-" : "node " + line.from_node;
}

/// What an event's detail says stands in other columns.
std::string result_cell(const trace_line& line) {
  if (line.kind == "event")
    return {};
  if (line.outcome.empty() || line.detail.empty())
    return line.outcome + line.detail;
  return line.outcome + ": " + line.detail;
}

boost::json::value cell_or_null(const std::string& text) {
  return text.empty() ? boost::json::value() : boost::json::value(boost::json::string(text));
}

} // namespace

std::string trace_heading(output_format format) {
  if (format == output_format::table)
    return padded_line({"AT", "KIND", "FROM", "TO", "NAME", "NODE", "RESULT"});
  if (format == output_format::csv)
    return csv_line({"at", "kind", "name", "node", "from", "from_node", "to", "outcome", "detail"});
  return {};
}

std::string render(const trace_line& line, const std::string& order, output_format format) {
  const auto at = to_rfc3339(line.at);
  if (format == output_format::table) {
    constexpr std::size_t time_begins = 11;
    constexpr std::size_t time_length = 15;
    return padded_line({at.substr(time_begins, time_length), line.kind, sender_cell(line, order),
                        line.to.empty() ? "-" : short_name(line.to, order), line.name,
                        line.node.empty() ? "-" : line.node, result_cell(line)});
  }
  if (format == output_format::csv)
    return csv_line(
      {at, line.kind, line.name, line.node, line.from, line.from_node, line.to, line.outcome, line.detail});
  return boost::json::serialize(boost::json::object{{"at", at},
                                                    {"kind", line.kind},
                                                    {"name", line.name},
                                                    {"detail", line.detail},
                                                    {"node", cell_or_null(line.node)},
                                                    {"from", cell_or_null(line.from)},
                                                    {"from_node", cell_or_null(line.from_node)},
                                                    {"to", cell_or_null(line.to)},
                                                    {"outcome", cell_or_null(line.outcome)}})
         + '\n';
}

} // namespace waybill::shell
