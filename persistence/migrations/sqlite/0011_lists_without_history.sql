-- Those who are more than customers, among all users.
create index users_staff on users (id) where roles <> 'customer';
-- What one courier has, of every status: without it all that they ever had is sorted.
create index deliveries_of_courier on deliveries (courier_id, created_at, id);
