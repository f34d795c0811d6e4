#include "persistence/bulk_statement.hpp"

#include <charconv>

namespace waybill {

namespace {

const char* type_name(column::type kind) {
  switch (kind) {
    case column::type::text: return "text";
    case column::type::bigint: return "bigint";
    case column::type::smallint: return "smallint";
    case column::type::boolean: return "boolean";
  }
  return "text";
}

std::string comma_separated(const std::vector<column>& columns, std::string (*form)(const column&)) {
  std::string result;
  for (const auto& one : columns)
    result += (result.empty() ? "" : ", ") + form(one);
  return result;
}

std::string unnest(const std::vector<column>& columns) {
  return "unnest("
         + comma_separated(columns,
                           [](const column& one) { return "cast(:" + one.name + " as " + type_name(one.kind) + "[])"; })
         + ") as u(" + comma_separated(columns, [](const column& one) { return one.name; }) + ")";
}

std::string rows_of(dialect kind, const std::vector<column>& columns) {
  if (kind == dialect::sqlite)
    return "values ("
           + comma_separated(
             columns, [](const column& one) { return one.nullable ? "nullif(:" + one.name + ", -1)" : ":" + one.name; })
           + ")";
  return "select "
         + comma_separated(columns,
                           [](const column& one) { return one.nullable ? "nullif(" + one.name + ", -1)" : one.name; })
         + " from " + unnest(columns);
}

void replace(std::string& text, std::string_view what, const std::string& with) {
  if (const auto at = text.find(what); at != std::string::npos)
    text.replace(at, what.size(), with);
}

} // namespace

bulk_statement::bulk_statement(dialect kind, std::string_view sql, std::vector<column> columns)
  : kind_{kind}, sql_{sql}, columns_{std::move(columns)}, cells_(columns_.size()) {
  replace(sql_, "{rows}", rows_of(kind, columns_));
  replace(sql_, "{unnest}", unnest(columns_));
}

bulk_statement::cells& bulk_statement::next_cells() {
  auto& target = cells_[values_++ % columns_.size()];
  if (kind_ == dialect::postgresql)
    target.array += target.array.empty() ? '{' : ',';
  return target;
}

bulk_statement& bulk_statement::text(std::string_view value) {
  auto& target = next_cells();
  if (kind_ == dialect::postgresql)
    add_to_array(target.array, value);
  else
    target.texts.emplace_back(value);
  return *this;
}

bulk_statement& bulk_statement::number(long long value) {
  auto& target = next_cells();
  if (kind_ == dialect::sqlite) {
    target.numbers.push_back(value);
    return *this;
  }
  char digits[24];
  target.array.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  return *this;
}

void bulk_statement::prepare(soci::session& session) {
  auto prepared = std::make_unique<soci::statement>(session);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& [array, texts, numbers] = cells_[i];
    const auto& name = columns_[i].name;
    if (kind_ == dialect::postgresql)
      prepared->exchange(soci::use(array, name));
    else if (columns_[i].kind == column::type::text)
      prepared->exchange(soci::use(texts, name));
    else
      prepared->exchange(soci::use(numbers, name));
  }
  prepared->alloc();
  prepared->prepare(sql_);
  prepared->define_and_bind();
  statement_ = std::move(prepared);
}

long long bulk_statement::run(soci::session& session) {
  if (values_ == 0)
    return 0;
  if (kind_ == dialect::postgresql)
    for (auto& one : cells_)
      one.array += '}';
  if (!statement_)
    prepare(session);
  statement_->execute(true);
  const auto written = statement_->get_affected_rows();
  clear();
  return written;
}

void bulk_statement::clear() {
  for (auto& [array, texts, numbers] : cells_) {
    array.clear();
    texts.clear();
    numbers.clear();
  }
  values_ = 0;
}

void bulk_statement::reset() {
  clear();
  statement_.reset();
}

void add_to_array(std::string& array, std::string_view value) {
  array += '"';
  for (auto special = value.find_first_of("\"\\"); special != std::string_view::npos;
       special = value.find_first_of("\"\\")) {
    array.append(value.substr(0, special));
    array += '\\';
    array += value[special];
    value.remove_prefix(special + 1);
  }
  array.append(value);
  array += '"';
}

} // namespace waybill
