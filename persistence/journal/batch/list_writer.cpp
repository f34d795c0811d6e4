#include "persistence/journal/batch/list_writer.hpp"

#include "persistence/search/product_search.hpp"

namespace waybill {

namespace {

using type = column::type;

constexpr std::string_view new_orders_sql = "insert into orders (id, customer_id, status, created_at) {rows}";

std::string_view changed_orders_sql(bool sqlite) {
  return sqlite ? "update orders set status = :status where id = :id and status <> :status"
                : "update orders o set status = u.status from {unnest} where o.id = u.id and o.status <> u.status";
}

constexpr std::string_view products_sql =
  "insert into products (id, sku, name, withdrawn, unique_sku, search_text) {rows} on conflict (id) do update set "
  "unique_sku = case when products.sku = excluded.sku then products.unique_sku else excluded.unique_sku end, "
  "sku = excluded.sku, name = excluded.name, withdrawn = excluded.withdrawn, search_text = excluded.search_text";

constexpr std::string_view users_sql =
  "insert into users (id, email, name, password_hash, roles, disabled, created_at) {rows} on conflict (id) do update "
  "set email = excluded.email, name = excluded.name, password_hash = excluded.password_hash, roles = excluded.roles, "
  "disabled = excluded.disabled";

// A service key changes at most once: when it is revoked.
constexpr std::string_view service_keys_sql =
  "insert into service_keys (id, name, token_hash, roles, created_by, created_at, expires_at, revoked_at) {rows} "
  "on conflict (id) do update set revoked_at = coalesce(service_keys.revoked_at, excluded.revoked_at)";

constexpr std::string_view couriers_sql =
  "insert into couriers (id, online, removed, capacity, active, changed_at) {rows} on conflict (id) do update set "
  "online = excluded.online, removed = excluded.removed, capacity = excluded.capacity, active = excluded.active, "
  "changed_at = excluded.changed_at";

constexpr std::string_view deliveries_sql =
  "insert into deliveries (id, courier_id, status, created_at) {rows} on conflict (id) do update set "
  "courier_id = excluded.courier_id, status = excluded.status";

/// The live ones stand in `reservations`, all others in `closed_reservations`.
std::string reservations_sql(const std::string& table) {
  return "insert into " + table
         + " (product_id, order_id, status, quantity, available, expires_at, reserve_by) {rows} "
           "on conflict (product_id, order_id) do update set status = excluded.status, quantity = excluded.quantity, "
           "available = excluded.available, expires_at = excluded.expires_at, reserve_by = excluded.reserve_by";
}

std::string removed_reservations_sql(const std::string& table, bool sqlite) {
  return "delete from " + table
         + (sqlite ? " where product_id = :product_id and order_id = :order_id"
                   : " r using {unnest} where r.product_id = u.product_id and r.order_id = u.order_id");
}

// The first answer stays.
constexpr std::string_view stock_adjustments_sql = "insert into stock_adjustments (product_id, id, delta, reason, "
                                                   "answer) {rows} on conflict (product_id, id) do nothing";

const std::vector<column> key_of_reservation{{"product_id"}, {"order_id"}};
const std::vector<column> columns_of_reservation{{"product_id"},
                                                 {"order_id"},
                                                 {"status", type::smallint},
                                                 {"quantity", type::bigint},
                                                 {"available", type::bigint},
                                                 {"expires_at", type::bigint},
                                                 {"reserve_by", type::bigint}};

// A notification that is written again stays read.
constexpr std::string_view notifications_sql =
  "insert into notifications (customer_id, id, order_id, kind, text, created_at, read_at) {rows} "
  "on conflict (customer_id, id) do update set order_id = excluded.order_id, kind = excluded.kind, "
  "text = excluded.text, created_at = excluded.created_at, read_at = coalesce(notifications.read_at, excluded.read_at)";

std::string_view read_notification_sql(bool sqlite) {
  return sqlite ? "update notifications set read_at = :read_at where customer_id = :customer_id and id = :id "
                  "and read_at is null"
                : "update notifications n set read_at = u.read_at from {unnest} "
                  "where n.customer_id = u.customer_id and n.id = u.id and n.read_at is null";
}

std::string_view read_all_notifications_sql(bool sqlite) {
  return sqlite ? "update notifications set read_at = :read_at where customer_id = :customer_id and read_at is null"
                : "update notifications n set read_at = u.read_at from {unnest} "
                  "where n.customer_id = u.customer_id and n.read_at is null";
}

} // namespace

list_writer::list_writer(bulk_writer& statements, bool sqlite)
  : new_orders_{statements.make(new_orders_sql, {{"id"}, {"customer_id"}, {"status"}, {"created_at", type::bigint}})},
    changed_orders_{statements.make(changed_orders_sql(sqlite), {{"id"}, {"status"}})},
    products_{statements.make(
      products_sql, {{"id"}, {"sku"}, {"name"}, {"withdrawn", type::boolean}, {"unique_sku"}, {"search_text"}})},
    ended_reservations_{statements.make(removed_reservations_sql("reservations", sqlite), key_of_reservation)},
    forgotten_reservations_{
      statements.make(removed_reservations_sql("closed_reservations", sqlite), key_of_reservation)},
    live_reservations_{statements.make(reservations_sql("reservations"), columns_of_reservation)},
    closed_reservations_{statements.make(reservations_sql("closed_reservations"), columns_of_reservation)},
    stock_adjustments_{statements.make(stock_adjustments_sql,
                                       {{"product_id"}, {"id"}, {"delta", type::bigint}, {"reason"}, {"answer"}})},
    read_notification_{
      statements.make(read_notification_sql(sqlite), {{"customer_id"}, {"id"}, {"read_at", type::bigint}})},
    read_all_notifications_{
      statements.make(read_all_notifications_sql(sqlite), {{"customer_id"}, {"read_at", type::bigint}})},
    notifications_{statements.make(notifications_sql, {{"customer_id"},
                                                       {"id"},
                                                       {"order_id"},
                                                       {"kind"},
                                                       {"text"},
                                                       {"created_at", type::bigint},
                                                       {"read_at", type::bigint, true}})},
    users_{statements.make(users_sql, {{"id"},
                                       {"email"},
                                       {"name"},
                                       {"password_hash"},
                                       {"roles"},
                                       {"disabled", type::boolean},
                                       {"created_at", type::bigint}})},
    service_keys_{statements.make(service_keys_sql, {{"id"},
                                                     {"name"},
                                                     {"token_hash"},
                                                     {"roles"},
                                                     {"created_by"},
                                                     {"created_at", type::bigint},
                                                     {"expires_at", type::bigint, true},
                                                     {"revoked_at", type::bigint, true}})},
    couriers_{statements.make(couriers_sql, {{"id"},
                                             {"online", type::boolean},
                                             {"removed", type::boolean},
                                             {"capacity", type::bigint},
                                             {"active", type::bigint},
                                             {"changed_at", type::bigint}})},
    deliveries_{statements.make(deliveries_sql, {{"id"}, {"courier_id"}, {"status"}, {"created_at", type::bigint}})} {}

void list_writer::add(const batch_plan& plan) {
  add_orders(plan);
  add_reservations(plan);
  add_notifications(plan);
  add_accounts(plan);
  add_couriers(plan);
}

void list_writer::add_orders(const batch_plan& plan) {
  for (const auto& [id, order] : plan.orders) {
    if (order.is_new)
      new_orders_.text(id).text(order.row->customer).text(order.row->status).number(to_number(order.row->created_at));
    else
      changed_orders_.text(id).text(order.row->status);
  }
  for (const auto& [id, row] : plan.products)
    products_.text(id)
      .text(row->sku)
      .text(row->name)
      .number(row->withdrawn ? 1 : 0)
      .text(unique_sku(row->sku))
      .text(search_text(row->sku, row->name));
}

void list_writer::add_reservations(const batch_plan& plan) {
  for (const auto& [key, reservation] : plan.reservations) {
    const bool live = reservation != nullptr && reservation->status == product::reservation_status::live;
    const bool was_live = reservation == nullptr || reservation->status != product::reservation_status::rejected;
    if (!live && was_live)
      ended_reservations_.text(key.first).text(key.second);
    if (reservation == nullptr) {
      forgotten_reservations_.text(key.first).text(key.second);
      continue;
    }
    auto& target = live ? live_reservations_ : closed_reservations_;
    target.text(key.first)
      .text(key.second)
      .number(static_cast<int>(reservation->status))
      .number(reservation->quantity)
      .number(reservation->available)
      .number(to_number(reservation->expires_at))
      .number(to_number(reservation->reserve_by));
  }
  for (const auto& [key, row] : plan.stock_adjustments)
    stock_adjustments_.text(key.first).text(key.second).number(row->delta).text(row->reason).text(row->answer);
}

void list_writer::add_notifications(const batch_plan& plan) {
  for (const auto* mark : plan.notifications_read)
    if (mark->id.empty())
      read_all_notifications_.text(mark->customer).number(to_number(mark->read_at));
    else
      read_notification_.text(mark->customer).text(mark->id).number(to_number(mark->read_at));
  for (const auto& [key, notification] : plan.notifications)
    notifications_.text(key.first)
      .text(key.second)
      .text(notification.row->order)
      .text(notification.row->kind)
      .text(notification.row->text)
      .number(to_number(notification.row->created_at))
      .number(to_number(notification.read_at));
}

void list_writer::add_accounts(const batch_plan& plan) {
  for (const auto& [id, row] : plan.users)
    users_.text(id)
      .text(row->email)
      .text(row->name)
      .text(row->password_hash)
      .text(row->roles)
      .number(row->disabled ? 1 : 0)
      .number(to_number(row->created_at));
  for (const auto& [id, row] : plan.service_keys)
    service_keys_.text(id)
      .text(row->name)
      .text(row->token_hash)
      .text(row->roles)
      .text(row->created_by)
      .number(to_number(row->created_at))
      .number(to_number(row->expires_at))
      .number(to_number(row->revoked_at));
}

void list_writer::add_couriers(const batch_plan& plan) {
  for (const auto& [id, row] : plan.couriers)
    couriers_.text(id)
      .number(row->online ? 1 : 0)
      .number(row->removed ? 1 : 0)
      .number(row->capacity)
      .number(row->active)
      .number(to_number(row->changed_at));
  for (const auto& [id, row] : plan.deliveries)
    deliveries_.text(id).text(row->courier).text(row->status).number(to_number(row->created_at));
}

} // namespace waybill
