-- The two tables as AppTools made them.
CREATE TABLE itsm_fault_info (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  fault_name varchar(100) NOT NULL,
  fault_level int NOT NULL,
  fault_state int NOT NULL,
  fault_penson varchar(100) NOT NULL,
  processing_penson varchar(100),
  fault_report longtext,
  fault_start_time datetime NOT NULL,
  fault_end_time datetime NOT NULL,
  fault_duration varchar(100),
  fault_issue varchar(100),
  fault_summary varchar(100),
  create_at datetime NOT NULL,
  update_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE itsm_event_reminder (
  id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name varchar(100),
  content varchar(100),
  email varchar(100),
  advance_at int,
  expire_at datetime,
  create_at datetime,
  update_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO itsm_fault_info (fault_name, fault_level, fault_state, fault_penson, processing_penson, fault_report, fault_start_time, fault_end_time, fault_issue, fault_summary, create_at) VALUES
  ('数据库主从延迟', 1, 0, '陈敏', '李伟', 'static/files/report.docx', '2018-11-22 10:00:00', '2018-11-22 11:30:05', '磁盘满', '扩容', '2018-11-22 10:00:00'),
  ('支付 ''超时'' <b>', 3, 1, '王芳', NULL, NULL, '2018-12-01 00:00:00', '2018-12-03 00:00:00', NULL, NULL, '2018-11-22 10:00:00'),
  ('倒着走', 2, 0, '王芳', NULL, NULL, '2018-12-03 00:00:00', '2018-12-01 00:00:00', NULL, NULL, '2018-11-22 10:00:00'),
  ('第五级', 5, 0, '王芳', NULL, NULL, '2018-12-01 00:00:00', '2018-12-01 00:00:00', NULL, NULL, '2018-11-22 10:00:00');
INSERT INTO itsm_event_reminder (name, content, email, advance_at, expire_at, create_at) VALUES
  ('SSL 证书', 'example.com', 'chenmin@example.com,liwei@example.com', 30, '2031-03-01 12:00:00', '2018-11-22 10:00:00'),
  ('只有名字', NULL, NULL, NULL, NULL, '2018-11-22 10:00:00'),
  (NULL, 'x', 'a@example.com', 7, '2031-01-01 00:00:00', '2018-11-22 10:00:00');
