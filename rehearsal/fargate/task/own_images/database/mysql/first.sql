INSTALL PLUGIN auth_socket SONAME 'auth_socket.so';
ALTER USER root@localhost IDENTIFIED WITH auth_socket AS 'mysql';
INSTALL COMPONENT 'file://component_classic_hashing';
SHUTDOWN;
