BEGIN TRANSACTION;
CREATE TABLE address (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	ip VARCHAR NOT NULL, 
	ip_key VARCHAR NOT NULL, 
	mac VARCHAR, 
	segment VARCHAR NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT NOT NULL, 
	last_run VARCHAR NOT NULL, 
	ended BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "address" VALUES(1,'d-72tecmjdmz','hq','10.0.0.5','40a000005','00:26:73:00:00:01','office',1767603600000000,1768208400000000,'run-2',NULL);
INSERT INTO "address" VALUES(2,'d-6w6sw9h72d','hq','10.0.0.6','40a000006','00:26:73:00:00:02','office',1767603600000000,1767603600000000,'run-1',NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0009');
CREATE TABLE ambiguity (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	other VARCHAR NOT NULL, 
	agrees TEXT NOT NULL, 
	differs TEXT NOT NULL, 
	run VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	settled_at BIGINT, 
	settled_by VARCHAR NOT NULL, 
	decision VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id), 
	FOREIGN KEY(other) REFERENCES device (id)
);
CREATE TABLE article (
	assessment INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	pack_title_en VARCHAR NOT NULL, 
	pack_title_zh VARCHAR NOT NULL, 
	edition DATE NOT NULL, 
	number VARCHAR NOT NULL, 
	title_en VARCHAR NOT NULL, 
	title_zh VARCHAR NOT NULL, 
	summary_en VARCHAR NOT NULL, 
	summary_zh VARCHAR NOT NULL, 
	level VARCHAR NOT NULL, 
	cycle VARCHAR NOT NULL, 
	PRIMARY KEY (assessment, position), 
	FOREIGN KEY(assessment) REFERENCES assessment (id)
);
CREATE TABLE assessment (
	id INTEGER NOT NULL, 
	judged_on DATE NOT NULL, 
	saved_at BIGINT NOT NULL, basis VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE attestation (
	id VARCHAR NOT NULL, 
	article VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	answer BOOLEAN NOT NULL, 
	signer VARCHAR NOT NULL, 
	signed DATE NOT NULL, 
	evidence VARCHAR NOT NULL, 
	next_due DATE, ticks TEXT DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "attestation" VALUES('confirm-22-20260105-d-72tecmjdmz','22','d-72tecmjdmz',1,'Lin','2026-01-05','register','2027-01-05','[]');
CREATE TABLE audit (
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	"by" VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	detail TEXT NOT NULL, 
	digest VARCHAR NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,1767603660000000,'chen','edit','d-72tecmjdmz','{"location":" → hq / 3F","owner":" → 王小明","rack":" → R7"}','4e3adabfdb690f6038652aa461240d5be5ab32ad9dceff7dd9b9e45da982e3a2');
INSERT INTO "audit" VALUES(2,1767603720000000,'chen','enter','d-a2ja79kzbg','{"purpose":"fax"}','d8dce720e32ab5fed3097011793c4b7f7ad9bed468878428906de9150978429d');
INSERT INTO "audit" VALUES(3,1767603780000000,'chen','confirm','d-72tecmjdmz','{"article":"22","devices":"1","signer":"Lin"}','8bba7e61db43089ff88fee878a295c1328193b7d76df34d5fa11ca7e858d7eb2');
INSERT INTO "audit" VALUES(4,1767603840000000,'chen','note owner','王小明','{"contact":"6101"}','236dcabb202655b996a1372a13381317a0e4138ef3abcd4de1150b98cce72f4d');
INSERT INTO "audit" VALUES(5,1767603900000000,'chen','edit','d-72tecmjdmz','{"owner":"王小明 → Lin"}','8b8bdbf65dbe55449742fc0fd9f1cef1f5cb7acab3d957dfccd8c9a8eb537d61');
INSERT INTO "audit" VALUES(6,1767603960000000,'chen','undo','d-72tecmjdmz','{"entry":"5"}','c0bb2a5a87a707525f474145ab9003b0263c1b80c0a008cdb5f7276a2ac7f4eb');
CREATE TABLE basis (
	device VARCHAR NOT NULL, 
	claims TEXT NOT NULL, 
	PRIMARY KEY (device), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "basis" VALUES('d-72tecmjdmz','[["firmware","2.0",0.9,"test.firmware","http","",1768208400000000],["model","IM C3000",0.9,"test.model","http","",1767603600000000],["vendor","Ricoh",0.9,"test.vendor","http","",1768208400000000]]');
INSERT INTO "basis" VALUES('d-6w6sw9h72d','[["vendor","AXIS",0.9,"test.vendor","http","",1767603600000000]]');
INSERT INTO "basis" VALUES('d-a2ja79kzbg','[]');
CREATE TABLE change (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	what VARCHAR NOT NULL, 
	"before" VARCHAR NOT NULL, 
	"after" VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "change" VALUES(1,'d-72tecmjdmz',1767603600000000,'device','','discovered','scan:run-1');
INSERT INTO "change" VALUES(2,'d-6w6sw9h72d',1767603600000000,'device','','discovered','scan:run-1');
INSERT INTO "change" VALUES(3,'d-72tecmjdmz',1767603660000000,'owner','','王小明','person:chen');
INSERT INTO "change" VALUES(4,'d-72tecmjdmz',1767603660000000,'location','','hq / 3F','person:chen');
INSERT INTO "change" VALUES(5,'d-72tecmjdmz',1767603660000000,'rack','','R7','person:chen');
INSERT INTO "change" VALUES(6,'d-72tecmjdmz',1768208400000000,'firmware','1.0','2.0','test.firmware');
INSERT INTO "change" VALUES(7,'d-a2ja79kzbg',1767603720000000,'device','','confirmed','person:chen');
INSERT INTO "change" VALUES(8,'d-72tecmjdmz',1767603900000000,'owner','王小明','Lin','person:chen');
INSERT INTO "change" VALUES(9,'d-72tecmjdmz',1767603960000000,'owner','Lin','王小明','person:chen');
CREATE TABLE comment (
	id INTEGER NOT NULL, 
	finding VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	"by" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE contract (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	supplier VARCHAR NOT NULL, 
	starts VARCHAR NOT NULL, 
	ends VARCHAR NOT NULL, 
	notes VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	valid_from BIGINT NOT NULL, 
	valid_to BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE crossing (
	id INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	service VARCHAR NOT NULL, 
	family INTEGER NOT NULL, 
	ip VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	vantage VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	latest BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE device (
	id VARCHAR NOT NULL, 
	standing VARCHAR NOT NULL, 
	unseen BOOLEAN NOT NULL, 
	status VARCHAR NOT NULL, 
	absorbed_by VARCHAR, 
	revision INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	segment VARCHAR NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT NOT NULL, 
	last_run VARCHAR NOT NULL, 
	ip VARCHAR NOT NULL, 
	ip_key VARCHAR NOT NULL, 
	mac VARCHAR NOT NULL, 
	device_class VARCHAR NOT NULL, 
	vendor VARCHAR NOT NULL, 
	model VARCHAR NOT NULL, 
	firmware VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	hostname VARCHAR NOT NULL, 
	os VARCHAR NOT NULL, 
	connection_method VARCHAR NOT NULL, 
	switch_port VARCHAR NOT NULL, 
	vlan VARCHAR NOT NULL, 
	ssid VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	location VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	in_scope VARCHAR NOT NULL, 
	asset_tag VARCHAR NOT NULL, 
	supplier VARCHAR NOT NULL, 
	contract VARCHAR NOT NULL, 
	purchase_date VARCHAR NOT NULL, 
	security_mark VARCHAR NOT NULL, 
	physical_control VARCHAR NOT NULL, 
	access_right VARCHAR NOT NULL, 
	network_zone VARCHAR NOT NULL, 
	declared_ports VARCHAR NOT NULL, 
	notes VARCHAR NOT NULL, 
	ports VARCHAR NOT NULL, 
	search VARCHAR NOT NULL, 
	several BOOLEAN NOT NULL, support_ends VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "device" VALUES('d-72tecmjdmz','discovered',0,'discovered',NULL,5,'hq','office',1767603600000000,1768208400000000,'run-2','10.0.0.5','40a000005','00:26:73:00:00:01','','Ricoh','IM C3000','2.0','','','','','','','','王小明','hq / 3F','','','','','','','','','','','','',' tcp/80 ','d-72tecmjdmz ricoh im c3000 2.0 王小明 hq / 3f r7 10.0.0.5 00:26:73:00:00:01 hq office',0,'');
INSERT INTO "device" VALUES('d-6w6sw9h72d','discovered',0,'discovered',NULL,1,'hq','office',1767603600000000,1767603600000000,'run-1','10.0.0.6','40a000006','00:26:73:00:00:02','','AXIS','','','','','','','','','','','','','','','','','','','','','','','',' tcp/80 ','d-6w6sw9h72d axis 10.0.0.6 00:26:73:00:00:02 hq office',0,'');
INSERT INTO "device" VALUES('d-a2ja79kzbg','confirmed',0,'confirmed',NULL,1,'hq','',1767603720000000,1767603720000000,'','','','','','','','','','','','','','','','','','fax','','','','','','','','','','','','','d-a2ja79kzbg fax hq',0,'');
CREATE TABLE exception (
	id VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	articles TEXT NOT NULL, 
	reason VARCHAR NOT NULL, 
	compensating_control VARCHAR NOT NULL, 
	approver VARCHAR NOT NULL, 
	start DATE NOT NULL, 
	expiry DATE NOT NULL, 
	"plan" VARCHAR NOT NULL, cause VARCHAR DEFAULT '' NOT NULL, connection VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
CREATE TABLE finding (
	id VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	pack VARCHAR NOT NULL, 
	article VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	opened DATE NOT NULL, 
	last_judged DATE NOT NULL, 
	due DATE NOT NULL, 
	reason_en VARCHAR NOT NULL, 
	reason_zh VARCHAR NOT NULL, 
	remedy_en VARCHAR NOT NULL, 
	remedy_zh VARCHAR NOT NULL, 
	resolved DATE, assignee VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
CREATE TABLE identifier (
	kind VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	scope VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	PRIMARY KEY (kind, value, scope, device), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "identifier" VALUES('mac','00:26:73:00:00:01','','d-72tecmjdmz');
INSERT INTO "identifier" VALUES('mac','00:26:73:00:00:02','','d-6w6sw9h72d');
CREATE TABLE joined (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	absorbed VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	"by" VARCHAR NOT NULL, 
	"before" TEXT NOT NULL, 
	undone_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id), 
	FOREIGN KEY(absorbed) REFERENCES device (id)
);
CREATE TABLE judged (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	judgement INTEGER NOT NULL, 
	judged_from DATE NOT NULL, 
	judged_to DATE, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id), 
	FOREIGN KEY(judgement) REFERENCES judgement (id)
);
CREATE TABLE judgement (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	rulings TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
CREATE TABLE login_try (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	ip VARCHAR NOT NULL, 
	mac VARCHAR NOT NULL, 
	protocol VARCHAR NOT NULL, 
	service VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	pair VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	outcome VARCHAR NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
CREATE TABLE observation (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	vantage VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	segment VARCHAR NOT NULL, 
	ip VARCHAR NOT NULL, 
	mac VARCHAR, 
	source VARCHAR NOT NULL, 
	service VARCHAR, 
	part INTEGER NOT NULL, 
	facts TEXT NOT NULL, 
	facts_digest VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	excerpt VARCHAR NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	latest BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "observation" VALUES(1,'d-72tecmjdmz','run-2','admin','hq','office','10.0.0.5','00:26:73:00:00:01','http','tcp/80',0,'[["http_servers","embedded"]]','f360916d09bcec65d6c629b89931901c','sha256:tcp/80','HTTP/1.1 200',1767603600000000,1768208400000000,1);
INSERT INTO "observation" VALUES(2,'d-6w6sw9h72d','run-1','admin','hq','office','10.0.0.6','00:26:73:00:00:02','http','tcp/80',0,'[["http_servers","embedded"]]','f360916d09bcec65d6c629b89931901c','sha256:tcp/80','HTTP/1.1 200',1767603600000000,1767603600000000,1);
CREATE TABLE owner (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	department VARCHAR NOT NULL, 
	contact VARCHAR NOT NULL, 
	notes VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	valid_from BIGINT NOT NULL, 
	valid_to BIGINT, 
	PRIMARY KEY (id)
);
INSERT INTO "owner" VALUES(1,'王小明','','6101','','chen',1767603840000000,NULL);
CREATE TABLE place (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	notes VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	valid_from BIGINT NOT NULL, 
	valid_to BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE "plan" (
	id VARCHAR NOT NULL, 
	devices TEXT NOT NULL, 
	reason VARCHAR NOT NULL, 
	successor VARCHAR NOT NULL, 
	due DATE NOT NULL, 
	owner VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, budget INTEGER, steps TEXT DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE result (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	"check" VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	reason VARCHAR NOT NULL, 
	reason_zh VARCHAR NOT NULL, 
	facts TEXT NOT NULL, 
	evidence TEXT NOT NULL, 
	first_at BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	expires BIGINT, 
	latest BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
CREATE TABLE ruling (
	id INTEGER NOT NULL, 
	digest VARCHAR NOT NULL, 
	pack VARCHAR NOT NULL, 
	edition DATE NOT NULL, 
	article VARCHAR NOT NULL, 
	rule VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	severity VARCHAR NOT NULL, 
	reason_en VARCHAR NOT NULL, 
	reason_zh VARCHAR NOT NULL, 
	because TEXT NOT NULL, 
	remedy_en VARCHAR NOT NULL, 
	remedy_zh VARCHAR NOT NULL, 
	due_days INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
CREATE TABLE run (
	id VARCHAR NOT NULL, 
	vantage VARCHAR NOT NULL, 
	started BIGINT NOT NULL, 
	finished BIGINT, 
	stopped BOOLEAN NOT NULL, 
	profile VARCHAR NOT NULL, 
	coverage TEXT NOT NULL, 
	packets TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE scope (
	network VARCHAR NOT NULL, 
	site VARCHAR NOT NULL, 
	segment VARCHAR NOT NULL, 
	touch VARCHAR NOT NULL, 
	caps_lifted BOOLEAN NOT NULL, 
	do_not_probe TEXT NOT NULL, 
	added_by VARCHAR NOT NULL, 
	added_at BIGINT NOT NULL, 
	reason VARCHAR NOT NULL, exemptions TEXT DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (network)
);
CREATE TABLE service (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	proto VARCHAR NOT NULL, 
	port INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	first_seen BIGINT NOT NULL, 
	last_seen BIGINT NOT NULL, 
	ended BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "service" VALUES(1,'d-72tecmjdmz','tcp',80,'','','',1767603600000000,1768208400000000,NULL);
INSERT INTO "service" VALUES(2,'d-6w6sw9h72d','tcp',80,'','','',1767603600000000,1767603600000000,NULL);
CREATE TABLE standing (
	assessment INTEGER NOT NULL, 
	pack VARCHAR NOT NULL, 
	article VARCHAR NOT NULL, 
	outcome VARCHAR NOT NULL, 
	devices INTEGER NOT NULL, 
	PRIMARY KEY (assessment, pack, article, outcome), 
	FOREIGN KEY(assessment) REFERENCES assessment (id)
);
CREATE TABLE step (
	id INTEGER NOT NULL, 
	entry INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(entry) REFERENCES audit (number)
);
INSERT INTO "step" VALUES(1,1,'device','d-72tecmjdmz','{"standing":"discovered","values":{}}','{"standing":"discovered","values":{"custom.rack":["R7","person:chen",1767603660000000],"location":["hq / 3F","person:chen",1767603660000000],"owner":["王小明","person:chen",1767603660000000]}}');
INSERT INTO "step" VALUES(2,2,'device','d-a2ja79kzbg','null','{"addresses":[],"identifiers":[],"standing":"confirmed","values":{"purpose":["fax","person:chen",1767603720000000]}}');
INSERT INTO "step" VALUES(3,3,'attestation','confirm-22-20260105-d-72tecmjdmz','null','{"answer":true,"article":"22","device":"d-72tecmjdmz","evidence":"register","id":"confirm-22-20260105-d-72tecmjdmz","next_due":"2027-01-05","signed":"2026-01-05","signer":"Lin","ticks":"[]"}');
INSERT INTO "step" VALUES(4,4,'owner','1','null','{"by":"chen","contact":"6101","department":"","id":1,"name":"王小明","notes":"","valid_from":"2026-01-05T09:04:00+00:00","valid_to":null}');
INSERT INTO "step" VALUES(5,5,'device','d-72tecmjdmz','{"standing":"discovered","values":{"custom.rack":["R7","person:chen",1767603660000000],"location":["hq / 3F","person:chen",1767603660000000],"owner":["王小明","person:chen",1767603660000000]}}','{"standing":"discovered","values":{"custom.rack":["R7","person:chen",1767603660000000],"location":["hq / 3F","person:chen",1767603660000000],"owner":["Lin","person:chen",1767603900000000]}}');
INSERT INTO "step" VALUES(6,6,'device','d-72tecmjdmz','{"standing":"discovered","values":{"custom.rack":["R7","person:chen",1767603660000000],"location":["hq / 3F","person:chen",1767603660000000],"owner":["Lin","person:chen",1767603900000000]}}','{"standing":"discovered","values":{"custom.rack":["R7","person:chen",1767603660000000],"location":["hq / 3F","person:chen",1767603660000000],"owner":["王小明","person:chen",1767603660000000]}}');
CREATE TABLE supplier (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	contact VARCHAR NOT NULL, 
	notes VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	valid_from BIGINT NOT NULL, 
	valid_to BIGINT, 
	PRIMARY KEY (id)
);
CREATE TABLE unjudged (
	device VARCHAR NOT NULL, 
	times INTEGER NOT NULL, 
	PRIMARY KEY (device)
);
INSERT INTO "unjudged" VALUES('d-6w6sw9h72d',1);
INSERT INTO "unjudged" VALUES('d-72tecmjdmz',6);
INSERT INTO "unjudged" VALUES('d-a2ja79kzbg',1);
CREATE TABLE value (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	attribute VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	certainty FLOAT NOT NULL, 
	locked BOOLEAN NOT NULL, 
	valid_from BIGINT NOT NULL, 
	valid_to BIGINT, 
	confirmed_at BIGINT NOT NULL, 
	disagreeing TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(device) REFERENCES device (id)
);
INSERT INTO "value" VALUES(1,'d-72tecmjdmz','vendor','Ricoh','test.vendor',0.9,0,1767603600000000,NULL,1768208400000000,'[]');
INSERT INTO "value" VALUES(2,'d-72tecmjdmz','model','IM C3000','test.model',0.9,0,1767603600000000,NULL,1767603600000000,'[]');
INSERT INTO "value" VALUES(3,'d-72tecmjdmz','firmware','1.0','test.firmware',0.9,0,1767603600000000,1768208400000000,1767603600000000,'[]');
INSERT INTO "value" VALUES(4,'d-6w6sw9h72d','vendor','AXIS','test.vendor',0.9,0,1767603600000000,NULL,1767603600000000,'[]');
INSERT INTO "value" VALUES(5,'d-72tecmjdmz','owner','王小明','person:chen',1.0,1,1767603660000000,1767603900000000,1767603660000000,'[]');
INSERT INTO "value" VALUES(6,'d-72tecmjdmz','location','hq / 3F','person:chen',1.0,1,1767603660000000,NULL,1767603660000000,'[]');
INSERT INTO "value" VALUES(7,'d-72tecmjdmz','custom.rack','R7','person:chen',1.0,1,1767603660000000,NULL,1767603660000000,'[]');
INSERT INTO "value" VALUES(8,'d-72tecmjdmz','firmware','2.0','test.firmware',0.9,0,1768208400000000,NULL,1768208400000000,'[]');
INSERT INTO "value" VALUES(9,'d-a2ja79kzbg','purpose','fax','person:chen',1.0,1,1767603720000000,NULL,1767603720000000,'[]');
INSERT INTO "value" VALUES(10,'d-72tecmjdmz','owner','Lin','person:chen',1.0,1,1767603900000000,1767603960000000,1767603900000000,'[]');
INSERT INTO "value" VALUES(11,'d-72tecmjdmz','owner','王小明','person:chen',1.0,1,1767603960000000,NULL,1767603660000000,'[]');
CREATE TABLE wireless_network (
	site VARCHAR NOT NULL, 
	bssid VARCHAR NOT NULL, 
	ssid VARCHAR NOT NULL, 
	segment VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	vlan VARCHAR NOT NULL, 
	security VARCHAR NOT NULL, 
	weak TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	stations TEXT NOT NULL, 
	source VARCHAR NOT NULL, 
	first_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	PRIMARY KEY (site, bssid, ssid)
);
CREATE INDEX ix_run_started ON run (started);
CREATE INDEX device_ip ON device (ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_status ON device (status, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_site ON device (site, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_segment ON device (segment, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_first_seen ON device (first_seen, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_last_seen ON device (last_seen, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_mac ON device (mac, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_device_class ON device (device_class, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_model ON device (model, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_firmware ON device (firmware, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_serial ON device (serial, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_hostname ON device (hostname, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_os ON device (os, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_connection_method ON device (connection_method, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_switch_port ON device (switch_port, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_vlan ON device (vlan, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_ssid ON device (ssid, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_owner ON device (owner, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_location ON device (location, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_purpose ON device (purpose, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_in_scope ON device (in_scope, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_asset_tag ON device (asset_tag, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_supplier ON device (supplier, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_contract ON device (contract, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_network_zone ON device (network_zone, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_ports ON device (ports, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_make ON device (vendor, model, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_several ON device (id) WHERE several AND absorbed_by IS NULL;
CREATE INDEX device_search ON device (search, id) WHERE absorbed_by IS NULL;
CREATE INDEX device_absorbed ON device (absorbed_by) WHERE absorbed_by IS NOT NULL;
CREATE INDEX value_of_device ON value (device, attribute, valid_from);
CREATE INDEX value_of_attribute ON value (attribute, value, device, valid_from, valid_to);
CREATE INDEX address_of_device ON address (device, site, ip);
CREATE INDEX address_order ON address (site, ip_key);
CREATE INDEX address_now ON address (ip_key, device) WHERE ended IS NULL;
CREATE INDEX address_place ON address (site, ip);
CREATE INDEX service_of_device ON service (device, proto, port);
CREATE INDEX identifier_of_device ON identifier (device);
CREATE INDEX observation_line ON observation (site, ip, source, service, last_at);
CREATE INDEX observation_of_device ON observation (device, latest);
CREATE INDEX change_of_device ON change (device, at);
CREATE INDEX ambiguity_open ON ambiguity (settled_at);
CREATE INDEX ambiguity_pair ON ambiguity (device, other);
CREATE INDEX ix_joined_absorbed ON joined (absorbed);
CREATE INDEX ix_joined_device ON joined (device);
CREATE INDEX login_try_of_device ON login_try (device, account, at);
CREATE INDEX login_try_place ON login_try (site, ip);
CREATE INDEX login_try_mac ON login_try (mac);
CREATE INDEX result_of_device ON result (device, latest);
CREATE INDEX finding_of_device ON finding (device, state);
CREATE INDEX finding_state ON finding (state, article);
CREATE INDEX finding_due ON finding (state, due);
CREATE INDEX ix_attestation_device ON attestation (device);
CREATE INDEX ix_exception_device ON exception (device);
CREATE INDEX step_of_entry ON step (entry);
CREATE INDEX step_about ON step (subject);
CREATE INDEX owner_name ON owner (name, valid_from);
CREATE INDEX place_name ON place (name, valid_from);
CREATE INDEX supplier_name ON supplier (name, valid_from);
CREATE INDEX contract_name ON contract (name, valid_from);
CREATE INDEX crossing_way ON crossing (site, source, target, service, family, ip);
CREATE INDEX ix_wireless_network_device ON wireless_network (device);
CREATE INDEX comment_on_finding ON comment (finding);
CREATE INDEX device_support_ends ON device (support_ends, ip_key, id) WHERE absorbed_by IS NULL;
CREATE INDEX value_ended ON value (valid_to, value, device) WHERE valid_to IS NOT NULL;
CREATE INDEX judged_device ON judged (device);
CREATE INDEX judged_now ON judged (device, judgement) WHERE judged_to IS NULL;
CREATE INDEX service_port ON service (port, proto, device, first_seen, ended);
CREATE INDEX change_of_status ON change (at, device) WHERE what IN ('status', 'device');
CREATE INDEX device_id ON device (id, first_seen) WHERE absorbed_by IS NULL;
COMMIT;
