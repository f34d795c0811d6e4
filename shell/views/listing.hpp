#pragma once

#include "shell/syntax/command.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace waybill::shell {

/// A list as every format shows it. The JSON form is stable: one object, fields are only ever added.
struct listing {
  /// The member of the JSON object that holds the items.
  std::string name;
  /// Of the table, in capitals; in small letters the header of the CSV.
  std::vector<std::string> heading;
  std::vector<std::vector<std::string>> rows;
  /// One for each row.
  boost::json::array items;
  /// Further members of the JSON object.
  boost::json::object more = {};
  /// Lines below the table.
  std::string remark = {};
};

/// Pure.
std::string render(const listing& list, output_format format);

/// A line that names the nodes that did not answer; nothing when all did.
std::string missing_text(const std::vector<std::string>& nodes);

/// RFC 4180, with the ends of lines of this system. A cell that a spreadsheet would take for a formula begins with an
/// apostrophe.
std::string csv_line(const std::vector<std::string>& cells);

/// Each line of `text` with at most `width` characters; one that is longer ends in an ellipsis.
std::string fit_to_width(const std::string& text, std::size_t width);

} // namespace waybill::shell
