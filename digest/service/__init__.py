"""What both the command line and the web ask: subscriptions, previews, searches, and how things stand."""
