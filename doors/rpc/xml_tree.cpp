#include "doors/rpc/xml_tree.hpp"

#include "domain/base/errors.hpp"

#include <expat.h>

#include <memory>
#include <type_traits>

namespace waybill::rpc {

namespace {

constexpr std::size_t most_levels = 24;
constexpr std::size_t most_elements = 10'000;

using parser_ptr = std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)>;

/// What expat's callbacks build. They must not throw through its C code.
class tree_builder {
public:
  explicit tree_builder(XML_Parser parser) : parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  }

  [[nodiscard]] const std::string& refusal() const noexcept { return refusal_; }
  xml_element take() { return std::move(root_); }

private:
  static tree_builder& self(void* data) { return *static_cast<tree_builder*>(data); }

  static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) noexcept {
    self(data).start(name, attributes);
  }
  static void on_end(void* data, const XML_Char*) noexcept { self(data).open_.pop_back(); }
  static void on_text(void* data, const XML_Char* text, int size) noexcept {
    auto& me = self(data);
    if (!me.open_.empty())
      me.open_.back()->text.append(text, static_cast<std::size_t>(size));
  }
  static void on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) noexcept {
    self(data).refuse("a document type is not taken");
  }

  void start(const XML_Char* name, const XML_Char** attributes) {
    if (attributes[0] != nullptr)
      return refuse("an element must not have attributes");
    if (open_.size() == most_levels)
      return refuse("it is nested too deep");
    if (++count_ > most_elements)
      return refuse("it has too many elements");
    // Addresses stay: only the last child of an open element is open.
    auto& element = open_.empty() ? root_ : open_.back()->children.emplace_back();
    element.name = name;
    open_.push_back(&element);
  }

  void refuse(const char* why) {
    if (refusal_.empty())
      refusal_ = why;
    XML_StopParser(parser_, XML_FALSE);
  }

  XML_Parser parser_;
  xml_element root_;
  std::vector<xml_element*> open_;
  std::size_t count_ = 0;
  std::string refusal_;
};

} // namespace

result<xml_element> read_xml(std::string_view text) {
  const parser_ptr parser{XML_ParserCreate(nullptr), &XML_ParserFree};
  if (!parser)
    return failure{ec::internal, "there is no memory for the XML parser"};
  tree_builder builder{parser.get()};
  const auto status = XML_Parse(parser.get(), text.data(), static_cast<int>(text.size()), XML_TRUE);
  if (!builder.refusal().empty())
    return failure{ec::invalid_argument, builder.refusal()};
  if (status != XML_STATUS_OK)
    return failure{ec::invalid_argument, std::string{"it is no XML: "} + XML_ErrorString(XML_GetErrorCode(parser.get()))
                                           + " in line " + std::to_string(XML_GetCurrentLineNumber(parser.get()))};
  return builder.take();
}

void append_xml_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      // A plain one would be read as a line feed.
      case '\r': out += "&#13;"; break;
      default: out += octet < 0x20 && c != '\n' && c != '\t' ? std::string{"\xEF\xBF\xBD"} : std::string(1, c);
    }
  }
}

} // namespace waybill::rpc
