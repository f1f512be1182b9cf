-- SPDX-License-Identifier: GPL-3.0-or-later
-- For coturn's database: people who have nothing but a name and a password, on a network without UDP, reach ahoyd by the relay, and
-- nobody else. docs/operate.md tells how; set: ahoyd's own address, as this machine sees it (one more line for an IPv6 one).
CREATE TABLE IF NOT EXISTS turn_origin_to_realm (origin varchar(127), realm varchar(127), primary key (origin));
CREATE TABLE IF NOT EXISTS turn_secret (realm varchar(127) default '', value varchar(256), primary key (realm,value));
CREATE TABLE IF NOT EXISTS denied_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range));
CREATE TABLE IF NOT EXISTS allowed_peer_ip (realm varchar(127) default '', ip_range varchar(256), primary key (realm,ip_range));
CREATE TABLE IF NOT EXISTS turn_realm_option (realm varchar(127) default '', opt varchar(32), value varchar(128), primary key (realm,opt));
BEGIN;
DELETE FROM allowed_peer_ip WHERE realm = 'ahoy-first';
-- set:
INSERT INTO allowed_peer_ip VALUES ('ahoy-first', '203.0.113.10');
-- Nothing else is reached by what everybody knows; all of them together have a hundred allocations, each 20 kB a second.
INSERT OR REPLACE INTO denied_peer_ip VALUES ('ahoy-first', '0.0.0.0-255.255.255.255');
INSERT OR REPLACE INTO denied_peer_ip VALUES ('ahoy-first', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
INSERT OR REPLACE INTO turn_origin_to_realm VALUES ('ahoy://first', 'ahoy-first');
INSERT OR REPLACE INTO turn_secret VALUES ('ahoy-first', 'ahoy first contact');
INSERT OR REPLACE INTO turn_realm_option VALUES ('ahoy-first', 'max-bps', '20000');
INSERT OR REPLACE INTO turn_realm_option VALUES ('ahoy-first', 'user-quota', '100');
INSERT OR REPLACE INTO turn_realm_option VALUES ('ahoy-first', 'total-quota', '100');
COMMIT;
