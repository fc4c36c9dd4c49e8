"""The Responses interface: its endpoints, stored responses and events."""
