#include "domain/base/errors.hpp"
#include "gateway/http/json_members.hpp"
#include "gateway/http/reading.hpp"
#include "gateway/routes/handlers.hpp"
#include "messages/cluster/ownership.hpp"
#include "messages/cluster/placement.hpp"

#include <boost/describe/enum_to_string.hpp>

// The nodes of the cluster and their actors, for operators.

namespace waybill::http::routes::operations {

namespace {

constexpr std::size_t longest_name = 64;

void write_node(json_writer& out, const node_entry& node) {
  out.begin_object().member("node", node.node).member("incarnation", node.incarnation);
  out.member("address", node.address).key("http");
  if (node.http.empty())
    out.null();
  else
    out.text(node.http);
  out.key("roles").begin_array();
  for (const auto role : node.roles)
    out.text(boost::describe::enum_to_string(role, "unknown"));
  out.end_array().member("state", boost::describe::enum_to_string(node.state, "unknown"));
  out.member("reachable", node.reachable).key("suspects").begin_array();
  for (const auto& suspect : node.suspects)
    out.text(suspect);
  out.end_array().key("lease_until");
  // One process alone needs no lease.
  if (node.lease_until == timestamp::max())
    out.null();
  else
    out.text(to_rfc3339(node.lease_until));
  out.end_object();
}

} // namespace

task<response> show_cluster(context& ctx, const request& req) {
  const auto list = co_await ctx.query<node_list>(req, ctx.services().node_api, list_nodes{});
  json_writer out;
  out.begin_object().member("node", ctx.services().node).key("nodes").begin_array();
  for (const auto& node : list.nodes)
    write_node(out, node);
  response result;
  result.body = out.end_array().end_object().take();
  co_return result;
}

/// A role: who owns its shards, and shard by shard which of them, by its place in that list.
task<response> show_shards(context& ctx, const request& req) {
  query_reader from{req};
  from.finish();
  const auto list = co_await ctx.query<node_list>(req, ctx.services().node_api, list_nodes{});
  json_writer out;
  out.begin_object().member("shard_count", shard_count).key("roles").begin_array();
  for (const auto& owners : owners_by_role(list.nodes)) {
    out.begin_object().member("role", owners.role_name);
    write_words(out, "owners", owners.nodes);
    out.key("shards").begin_array();
    for (std::uint16_t shard = 0; shard < shard_count && !owners.nodes.empty(); ++shard)
      out.number(static_cast<std::int64_t>(owner_of(shard, owners.nodes)));
    out.end_array().end_object();
  }
  response result;
  result.body = out.end_array().end_object().take();
  co_return result;
}

task<response> drain(context& ctx, const request& req) {
  // Never by force: who ends the last node of a role, or the only one, does it from the machine itself.
  const drain_node command{req.id, false, req.caller.kind + " " + req.caller.id + ", request " + req.request_id};
  co_await ctx.command<void>(req, ctx.services().node_api, command);
  json_writer out;
  response result;
  result.status = 202;
  result.body = out.begin_object().member("node", command.node).end_object().take();
  result.set("Location", "/v1/cluster");
  co_return result;
}

task<response> list_actors(context& ctx, const request& req) {
  query_reader from{req};
  list_cluster_actors request;
  request.query.type = from.text("type", longest_name);
  request.node = from.text("node", longest_name);
  const auto sort = from.text("sort", longest_name);
  if (!sort.empty() && sort != "id" && sort != "mailbox")
    from.complain("sort", "must be id or mailbox");
  request.query.by_mailbox = sort == "mailbox";
  request.query.limit = from.limit();
  from.finish();
  const auto list = co_await ctx.query<actor_list>(req, ctx.services().node_api, request);
  json_writer out;
  out.begin_object().key("items").begin_array();
  for (const auto& actor : list.actors)
    out.begin_object()
      .member("type", actor.type)
      .member("id", actor.id)
      .member("node", actor.node)
      .member("mailbox", actor.mailbox)
      .member("handled", actor.handled)
      .end_object();
  out.end_array().member("total", list.total);
  write_words(out, "missing", list.missing);
  response result;
  result.body = out.key("next_cursor").null().end_object().take();
  co_return result;
}

task<response> show_actor(context& ctx, const request& req) {
  // /v1/actors/{type}/{id}
  const inspect_actor question{req.segments.at(2), req.id};
  const auto answer = co_await ctx.ask_for<entity_description>(ctx.services().node_api, question);
  if (!answer && answer.error().code == ec::invalid_argument)
    throw not_found("there is no such type of actor");
  if (!answer)
    throw to_problem(answer.error());
  const auto& entity = *answer;
  json_writer out;
  out.begin_object().member("type", question.type).member("id", entity.id).member("node", entity.node);
  out.member("version", entity.version).member("waits_for", entity.waits_for).key("state").raw(entity.state);
  co_return resource(req, out.end_object().take(), entity.version);
}

} // namespace waybill::http::routes::operations
