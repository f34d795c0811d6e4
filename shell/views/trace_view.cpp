#include "shell/views/trace_view.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace waybill::shell {

std::string render(const trace_line& line, output_format format) {
  const auto at = to_rfc3339(line.at);
  if (format == output_format::table)
    return at + "  " + line.kind + "  " + line.name + ": " + line.detail + '\n';
  return boost::json::serialize(
           boost::json::object{{"at", at}, {"kind", line.kind}, {"name", line.name}, {"detail", line.detail}})
         + '\n';
}

} // namespace waybill::shell
