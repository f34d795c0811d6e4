#include "persistence/rows/append_row.hpp"

#include "persistence/rows/event_meta.hpp"
#include "persistence/rows/further_events.hpp"

#include <stdexcept>

namespace waybill {

std::string append_row::columns(dialect kind) {
  return log_sql_for(kind).place
         + ", stream, version, type, schema, at, order_id, customer_id, meta, data, event_count, further";
}

void append_row::bind(query_builder& query) {
  query.into(position.transaction);
  query.into(position.sequence);
  query.into(stream);
  query.into(version);
  query.into(type);
  query.into(schema);
  query.into(at);
  query.into(order);
  query.into(customer);
  query.into(meta);
  query.into(data);
  query.into(event_count);
  query.into(further);
}

std::vector<stored_event> append_row::events() const {
  std::vector<stored_event> all;
  all.reserve(static_cast<std::size_t>(event_count));
  const auto place = position.position();
  const auto [origin, node] = parse_event_meta(meta);
  const auto add = [&](std::string type_of_event, std::uint16_t form, timestamp time, std::string content) -> auto& {
    auto& event = all.emplace_back();
    const auto number = all.size() - 1;
    event.stream = stream;
    event.version = static_cast<std::uint64_t>(version) + number;
    event.type = std::move(type_of_event);
    event.schema = form;
    event.at = time;
    event.order = order;
    event.customer = customer;
    event.origin = origin;
    event.node = node;
    event.data = std::move(content);
    event.position = {place.transaction, place.sequence + number, 0, event_check(stream, event.version, time)};
    return event;
  };
  add(type, static_cast<std::uint16_t>(schema), to_time(at), data);
  for (auto& item : parse_further(further)) {
    auto& event = add(std::move(item.type), item.schema, to_time(at) + item.later, std::string{item.data});
    if (item.order)
      event.order = std::move(*item.order);
    if (item.customer)
      event.customer = std::move(*item.customer);
    if (item.meta) {
      auto own = parse_event_meta(*item.meta);
      event.origin = std::move(own.origin);
      event.node = std::move(own.node);
    }
  }
  if (all.size() != static_cast<std::size_t>(event_count))
    throw std::runtime_error{"a row of the log has " + std::to_string(all.size()) + " events and should have "
                             + std::to_string(event_count) + ": " + stream + ", version " + std::to_string(version)};
  return all;
}

log_position append_row::last_position() const {
  return events().back().position;
}

std::vector<stored_event> read_stream(connection& database, const std::string& stream, std::uint64_t version,
                                      std::uint32_t limit) {
  const auto above = signed_number(version);
  std::vector<stored_event> events;
  query_builder builder{database};
  builder.use(stream, "stream");
  builder.use(above, "above");
  append_row row;
  row.bind(builder);
  builder.execute("select " + append_row::columns(database.kind())
                  + " from appends where stream = :stream and version > cast(:above as bigint) - "
                  + std::to_string(places_of_row) + " and version + event_count > cast(:above as bigint) + 1 order by "
                  + "version limit " + std::to_string(limit));
  while (builder.fetch())
    for (auto& event : row.events())
      if (event.version > version && events.size() < limit)
        events.push_back(std::move(event));
  return events;
}

} // namespace waybill
