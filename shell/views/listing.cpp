#include "shell/views/listing.hpp"

#include "domain/json/utf8.hpp"
#include "shell/views/render.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string_view>

namespace waybill::shell {

namespace json = boost::json;

namespace {

std::string csv_cell(std::string cell) {
  constexpr std::string_view formula = "=+-@\t\r";
  const bool is_number =
    cell.size() > 1 && cell.front() == '-' && cell.find_first_not_of("0123456789.", 1) == std::string::npos;
  if (!cell.empty() && formula.find(cell.front()) != std::string_view::npos && !is_number && cell != "-")
    cell.insert(cell.begin(), '\'');
  if (cell.find_first_of(",\"\r\n") == std::string::npos)
    return cell;
  std::string quoted = "\"";
  for (const char c : cell) {
    if (c == '"')
      quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::vector<std::string> small_letters(std::vector<std::string> heading) {
  for (auto& cell : heading)
    std::ranges::transform(cell, cell.begin(), [](char c) {
      if (c == ' ')
        return '_';
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
  return heading;
}

} // namespace

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const auto& cell : cells)
    line += (&cell == cells.data() ? "" : ",") + csv_cell(cell);
  return line + '\n';
}

std::string fit_to_width(const std::string& text, std::size_t width) {
  std::string fitted;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    const auto line = std::string_view{text}.substr(begin, end - begin);
    if (width == 0 || count_code_points(line) <= width) {
      fitted += line;
    } else {
      // Of a character of several octets none but the first begins with other bits than 10.
      std::size_t octets = 0;
      for (std::size_t characters = 0; octets < line.size(); ++octets)
        if ((static_cast<unsigned char>(line[octets]) & 0xC0U) != 0x80U && ++characters == width)
          break;
      fitted += line.substr(0, octets);
      fitted += "\xE2\x80\xA6";
    }
    if (end < text.size())
      fitted += '\n';
    begin = end + 1;
  }
  return fitted;
}

std::string missing_text(const std::vector<std::string>& nodes) {
  std::string names;
  for (const auto& node : nodes)
    names += (names.empty() ? "no answer from: " : ", ") + node;
  return names.empty() ? names : names + '\n';
}

std::string render(const listing& list, output_format format) {
  std::string text;
  switch (format) {
    case output_format::json: {
      json::object whole;
      whole[list.name] = list.items;
      for (const auto& [name, value] : list.more)
        whole[name] = value;
      return json::serialize(whole) + '\n';
    }
    case output_format::jsonl:
      for (const auto& item : list.items)
        text += json::serialize(item) + '\n';
      return text;
    case output_format::csv:
      text = csv_line(small_letters(list.heading));
      for (const auto& row : list.rows)
        text += csv_line(row);
      return text;
    case output_format::table: break;
  }
  auto rows = list.rows;
  rows.insert(rows.begin(), list.heading);
  return render_table(rows) + list.remark;
}

} // namespace waybill::shell
