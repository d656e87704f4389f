"""What a template asks for, as plain values: nothing here touches a container."""
