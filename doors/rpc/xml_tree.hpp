#pragma once

#include "domain/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

/// XML that strangers send, as a tree.
namespace waybill::rpc {

struct xml_element {
  std::string name;
  /// The text directly in it, its parts put together.
  std::string text;
  std::vector<xml_element> children;
};

/// Reads a whole document (XML 1.0). Refused are a document type, and with it every entity of its own (so that none can
/// grow, or stand for a file), attributes, more than 24 levels and more than 10,000 elements; the reading ends at the
/// first of these. Comments and processing instructions are dropped. Fails with ec::invalid_argument and a sentence.
result<xml_element> read_xml(std::string_view text);

/// `text` as character data. Control characters that XML does not have become U+FFFD.
void append_xml_text(std::string& out, std::string_view text);

} // namespace waybill::rpc
